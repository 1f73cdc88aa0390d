public import Affect
internal import Platform

/// The line of one tick, live or of a file.
public struct AffectLine: Sendable {
  public let estimate: AffectEstimate
  /// Wall-clock time of the tick, seconds since 1970; a file has none.
  public let unixTime: Double?
  /// The mood's colour; nil for none.
  public let color: MoodColor?
  /// The file that the tick belongs to, where several are analysed.
  public let file: String?

  /// A field that a subscriber can choose. `type`, `seq` and `file` are always there.
  public enum Field: String, Sendable, CaseIterable {
    case audioTime = "audio_time"
    case unixTime = "unix_time"
    case valence, arousal, raw, trend, quadrant, confidence, color, level, state, gap, frozen, conditions
  }

  public init(_ estimate: AffectEstimate, unixTime: Double? = nil, color: MoodColor? = nil, file: String? = nil) {
    self.color = color
    self.estimate = estimate
    self.unixTime = unixTime
    self.file = file
  }

  public var json: String { json(nil) }

  var object: JSONLine { object(nil) }

  /// The line with `fields` only; nil means all.
  public func json(_ fields: Set<Field>?) -> String { object(fields).object }

  private func object(_ fields: Set<Field>?) -> JSONLine {
    func has(_ field: Field) -> Bool { fields?.contains(field) != false }
    var line = JSONLine()
    line.add("type", "affect")
    if let file { line.add("file", FileName.printable(file)) }
    line.add("seq", estimate.tick)
    if has(.audioTime) { line.add("audio_time", estimate.audioTime) }
    if let unixTime, has(.unixTime) { line.add("unix_time", (unixTime * 1e6).rounded() / 1e6) }
    if let values = estimate.values {
      if has(.valence) { line.add("valence", values.smoothed.valence) }
      if has(.arousal) { line.add("arousal", values.smoothed.arousal) }
      if let raw = values.raw, has(.raw) { line.add("raw", JSONLine(raw.valence, raw.arousal)) }
      if has(.trend) { line.add("trend", JSONLine(values.trend.valence, values.trend.arousal)) }
      if has(.quadrant) { line.add("quadrant", values.quadrant.rawValue) }
      if let confidence = values.confidence, has(.confidence) { line.add("confidence", confidence) }
      if let color, has(.color) { line.add("color", JSONLine(color)) }
    }
    if has(.level) { line.add("level", estimate.roundedLevel) }
    if has(.state) { line.add("state", estimate.state.rawValue) }
    if estimate.gap > 0, has(.gap) { line.add("gap", (estimate.gap * 1e6).rounded() / 1e6) }
    if estimate.isFrozen, has(.frozen) { line.add("frozen", true) }
    if !estimate.conditions.isEmpty, has(.conditions) { line.add("conditions", estimate.conditions.names) }
    return line
  }
}

extension JSONLine {
  /// An object with both values.
  fileprivate init(_ valence: Float, _ arousal: Float) {
    self.init()
    add("valence", valence)
    add("arousal", arousal)
  }
}

extension JSONLine {
  /// As programs want a colour: the text for a screen, the numbers for a lamp.
  fileprivate init(_ color: MoodColor) {
    func rounded(_ value: Float) -> Float { (value * 1000).rounded() / 1000 }
    self.init()
    add("rgb", [color.red, color.green, color.blue].map(rounded))
    add("hue", rounded(color.hue))
    add("saturation", rounded(color.saturation))
    add("html", color.text)
  }
}

extension AffectEstimate {
  /// The level to a hundredth of a dB, which is more than it means.
  package var roundedLevel: Float { (level * 100).rounded() / 100 }
}
