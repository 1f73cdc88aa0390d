package import Affect
import Publishing

/// The curve of a file as comma-separated values (RFC 4180, with plain line feeds). Columns that come later are added
/// at the end.
package struct AffectTable: Sendable {
  /// Whether there is a first column with the file's name.
  package let hasFileColumn: Bool

  package init(hasFileColumn: Bool) {
    self.hasFileColumn = hasFileColumn
  }

  package var header: String {
    (hasFileColumn ? "file," : "")
      + "time_s,valence,arousal,raw_valence,raw_arousal,level_dbfs,state,"
      + "valence_trend,arousal_trend,quadrant,confidence"
  }

  /// The row of a tick; its values are empty where there are none.
  package func row(_ estimate: AffectEstimate, file: String) -> String {
    var fields = hasFileColumn ? [CSVField.quoted(file)] : []
    fields.append(estimate.audioTime.description)
    let values = estimate.values
    for affect in [values?.smoothed, values?.raw] {
      fields.append(affect?.valence.description ?? "")
      fields.append(affect?.arousal.description ?? "")
    }
    fields.append(estimate.roundedLevel.description)
    fields.append(estimate.state.rawValue)
    fields.append(values?.trend.valence.description ?? "")
    fields.append(values?.trend.arousal.description ?? "")
    fields.append(values.map { String($0.quadrant.rawValue) } ?? "")
    fields.append(values?.confidence?.description ?? "")
    return fields.joined(separator: ",")
  }
}
