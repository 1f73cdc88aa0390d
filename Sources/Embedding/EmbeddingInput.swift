public import SignalProcessing

/// What an emotion model hears: the embedding of one ``AudioEmbedder``, or those of several, one behind the other
/// (``EmbeddingSum``).
public protocol EmbeddingInput {
  /// Names what computes the embedding, its variant and its size, such as `musicnn-msd-200`. An emotion model is trained
  /// for one identifier and refused for any other.
  var identifier: String { get }

  /// Length of the embedding.
  var dimension: Int { get }

  /// What computes the embedding, at least one. The values of each part follow those of the part before.
  var parts: [any AudioEmbedder] { get }

  /// A name of each value, `[dimension]`, such as `musicnn_17`. No two are the same.
  var valueNames: [String] { get }

  /// Places of the values that are powers, ascending. Linear models want log10(max(x, 1e-10)) in the place of such an x.
  var logarithmicValues: [Int] { get }

  /// How the values lie, the slowest index first. The product of the lengths is ``dimension``.
  var shape: [Int] { get }

  /// Says that the windows from now on come from another stream of audio: nothing of the one before may be reused.
  mutating func restart()

  /// Changes the colour of what is heard from now on; nil for none. Nothing that was computed before is reused.
  mutating func use(_ filter: VenueFilter?)
}

extension EmbeddingInput {
  public var logarithmicValues: [Int] { [] }
  public var shape: [Int] { [dimension] }

  /// The highest rate at which a part hears the audio, Hz.
  public var highestSampleRate: Int { parts.map(\.sampleRate).max() ?? 0 }

  /// How long the longest window of a part is, seconds.
  public var longestWindow: Double { parts.map { Double($0.windowLength) / Double($0.sampleRate) }.max() ?? 0 }

  /// Begins with silence, since what is computed first takes longer than what follows, and says what it sounds like.
  /// After that it is as after ``restart()``.
  public mutating func warmUp() -> [Float] {
    defer { restart() }
    return parts.flatMap { part in
      var part = part
      var values = [Float](repeating: 0, count: part.dimension)
      part.embed([Float](repeating: 0, count: part.windowLength).span, startingAt: 0, into: &values)
      return values
    }
  }
}

/// Several embeddings, one behind the other, each of its own window that ends with the tick.
public struct EmbeddingSum: EmbeddingInput {
  public private(set) var parts: [any AudioEmbedder]

  /// - Parameter parts: at least one; no two of them have names of values in common.
  public init(_ parts: [any AudioEmbedder]) {
    precondition(!parts.isEmpty)
    self.parts = parts
  }

  /// Those of the parts, joined by `+`.
  public var identifier: String { parts.map(\.identifier).joined(separator: "+") }
  public var dimension: Int { parts.map(\.dimension).reduce(0, +) }
  public var valueNames: [String] { parts.flatMap(\.valueNames) }

  public var logarithmicValues: [Int] {
    var first = 0
    return parts.flatMap { part in
      defer { first += part.dimension }
      return part.logarithmicValues.map { first + $0 }
    }
  }

  public mutating func restart() {
    for index in parts.indices { parts[index].restart() }
  }

  public mutating func use(_ filter: VenueFilter?) {
    for index in parts.indices { parts[index].use(filter) }
  }
}
