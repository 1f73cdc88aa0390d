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
