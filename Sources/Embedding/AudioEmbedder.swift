/// A network that turns a window of audio into an embedding: a vector that says what the music sounds like. Or descriptors
/// without a network.
public protocol AudioEmbedder: EmbeddingInput {
  /// Rate of the audio that the network was trained on, Hz.
  var sampleRate: Int { get }

  /// Samples in a window.
  var windowLength: Int { get }

  /// Windows begin at multiples of this many samples from the start of the audio.
  var windowStep: Int { get }

  /// Computes the embedding of a window.
  ///
  /// - Parameters:
  ///   - window: ``windowLength`` mono samples at ``sampleRate``, finite, full scale ±1.
  ///   - start: place of its first sample in the stream, a multiple of ``windowStep``. A network may reuse what it
  ///     computed for an earlier window of the same stream.
  ///   - embedding: `dimension` values, overwritten.
  mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float])
}

extension AudioEmbedder {
  /// Itself.
  public var parts: [any AudioEmbedder] { [self] }

  /// Numbers from 1 on behind the first word of the identifier, as in `musicnn_17`.
  public var valueNames: [String] {
    let word = identifier.prefix { $0 != "-" }
    return (1...dimension).map { "\(word)_\($0)" }
  }

  /// First sample of the last whole window that ends at or before sample `end`, nil if there is none yet.
  public func windowStart(endingAtOrBefore end: Int) -> Int? {
    end < windowLength ? nil : (end - windowLength) / windowStep * windowStep
  }
}
