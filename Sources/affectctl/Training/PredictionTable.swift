import Affect
import CommandLineSupport
import Platform
import Training

/// What systems said of each song that they did not know: a row for each song and division.
struct PredictionTable {
  private var lines = [
    "system,repeat,fold,song,valence,arousal,predicted_valence,predicted_arousal,quadrant,predicted_quadrant"
  ]

  init(_ rows: [SystemTable.Row]) {
    for row in rows {
      for fold in row.folds {
        let start = "\(row.name),\(fold.division + 1),\(fold.number + 1),"
        for song in fold.songs {
          let (label, prediction) = (Affect(meanOf: song.labels), Affect(meanOf: song.predictions))
          lines.append(
            start + CSVField.quoted(song.identifier)
              + ",\(label.valence),\(label.arousal),\(prediction.valence),\(prediction.arousal),"
              + "\(Quadrant(of: label).rawValue),\(Quadrant(of: prediction).rawValue)")
        }
        for song in fold.quadrants {
          let affect = song.affect.map { "\($0.valence),\($0.arousal)" } ?? ","
          lines.append(
            start + CSVField.quoted(song.identifier) + ",,,\(affect),\(song.label.rawValue),\(song.prediction.rawValue)"
          )
        }
      }
    }
  }

  func write(to output: OutputFile) throws {
    for line in lines { try output.writeLine(line) }
    try output.finish()
  }
}
