public import SignalProcessing

/// A network that turns a window of audio into an embedding: a vector that says what the music sounds like.
public protocol AudioEmbedder {
  /// Names the network, its variant and its size, such as `musicnn-msd-200`. An emotion model is trained for one
  /// identifier and refused for any other.
  var identifier: String { get }

  /// Rate of the audio that the network was trained on, Hz.
  var sampleRate: Int { get }

  /// Samples in a window.
  var windowLength: Int { get }

  /// Windows begin at multiples of this many samples from the start of the audio.
  var windowStep: Int { get }

  /// Length of the embedding.
  var dimension: Int { get }

  /// Says that the windows from now on come from another stream of audio: nothing of the one before may be reused.
  mutating func restart()

  /// Changes the colour of what is heard from now on; nil for none. Nothing that was computed before is reused.
  mutating func use(_ filter: VenueFilter?)

  /// Computes the embedding of a window.
  ///
  /// - Parameters:
  ///   - window: ``windowLength`` mono samples at ``sampleRate``, finite, full scale ±1.
  ///   - start: place of its first sample in the stream, a multiple of ``windowStep``. A network may reuse what it
  ///     computed for an earlier window of the same stream.
  ///   - embedding: ``dimension`` values, overwritten.
  mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float])
}

extension AudioEmbedder {
  /// First sample of the last whole window that ends at or before sample `end`, nil if there is none yet.
  public func windowStart(endingAtOrBefore end: Int) -> Int? {
    end < windowLength ? nil : (end - windowLength) / windowStep * windowStep
  }
}
