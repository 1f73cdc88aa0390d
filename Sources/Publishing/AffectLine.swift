public import Affect

/// The first line that a subscriber gets.
public struct HelloLine: Sendable {
  /// Raised when a line changes in a way that breaks its readers.
  public static let protocolVersion = 1

  public let input: String
  public let embedding: String
  public let model: String
  public let hop: Hop

  public init(input: String, embedding: String, model: String, hop: Hop) {
    self.input = input
    self.embedding = embedding
    self.model = model
    self.hop = hop
  }

  public var json: String {
    var line = JSONLine()
    line.add("type", "hello")
    line.add("protocol", Self.protocolVersion)
    line.add("server", Version.server)
    line.add("input", input)
    line.add("embedding", embedding)
    line.add("model", model)
    line.add("hop", hop.seconds)
    var ranges = JSONLine()
    let range = [Affect.range.lowerBound, Affect.range.upperBound]
    ranges.add("valence", range)
    ranges.add("arousal", range)
    line.add("ranges", ranges)
    return line.object
  }
}

/// The line of one tick, live or of a file.
public struct AffectLine: Sendable {
  public let estimate: AffectEstimate
  /// Wall-clock time of the tick, seconds since 1970; a file has none.
  public let unixTime: Double?
  /// The file that the tick belongs to, where several are analysed.
  public let file: String?

  public init(_ estimate: AffectEstimate, unixTime: Double? = nil, file: String? = nil) {
    self.estimate = estimate
    self.unixTime = unixTime
    self.file = file
  }

  public var json: String {
    var line = JSONLine()
    line.add("type", "affect")
    if let file { line.add("file", file) }
    line.add("seq", estimate.tick)
    line.add("audio_time", estimate.audioTime)
    if let unixTime { line.add("unix_time", (unixTime * 1e6).rounded() / 1e6) }
    if let values = estimate.values {
      line.add("valence", values.smoothed.valence)
      line.add("arousal", values.smoothed.arousal)
      var raw = JSONLine()
      raw.add("valence", values.raw.valence)
      raw.add("arousal", values.raw.arousal)
      line.add("raw", raw)
    }
    line.add("level", estimate.roundedLevel)
    line.add("state", estimate.state.rawValue)
    return line.object
  }
}

extension AffectEstimate {
  /// The level to a hundredth of a dB, which is more than it means.
  var roundedLevel: Float { (level * 100).rounded() / 100 }
}
