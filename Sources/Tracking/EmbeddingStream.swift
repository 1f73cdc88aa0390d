public import Affect
internal import AudioInput
public import Embedding
internal import SignalProcessing

/// Turns a stream of audio into an embedding at every tick: resampling, windows, the network.
///
/// Tick n lies at n × hop seconds. Its embedding is that of the last whole window that ends at or before it. What comes
/// out does not depend on how the input is cut into pieces.
public final class EmbeddingStream {
  public let hop: Hop
  /// The embedding of the tick that is being handed over, `[dimension]`.
  public private(set) var embedding: [Float]

  private var embedder: any AudioEmbedder
  private let inputRate: Int
  private let resampler: Resampler
  private var history: SampleHistory
  private var meter = LevelMeter()

  private var inputCount = 0
  /// The tick whose level is being measured.
  private var openTick = 1
  /// Levels of the ticks before `openTick` that wait for the resampler to catch up.
  private var levels: [Float] = []

  public struct Tick: Sendable {
    /// From 1.
    public let number: Int
    /// dBFS since the tick before.
    public let level: Float
    /// What ``EmbeddingStream/embedding`` holds.
    public let content: Content
  }

  public enum Content: Sendable {
    /// The tick's embedding.
    case embedding
    /// Nothing: no whole window lies behind the tick yet.
    case incomplete
    /// Nothing: the tick was skipped.
    case skipped
  }

  /// Input is taken in pieces of at most so many samples, which bounds what the resampler makes of one.
  private static let pieceLength = 256

  public init(embedder: any AudioEmbedder, hop: Hop, inputRate: Int) {
    self.embedder = embedder
    self.embedder.restart()
    self.hop = hop
    self.inputRate = inputRate
    resampler = Resampler(from: inputRate, to: embedder.sampleRate)
    embedding = Array(repeating: 0, count: embedder.dimension)
    let pieceOutput = (Self.pieceLength + 1) * embedder.sampleRate / inputRate + 4096
    history = SampleHistory(length: embedder.windowLength + embedder.windowStep + 2 * pieceOutput)
    levels.reserveCapacity(64)
  }

  /// Takes `samples` at the input rate and calls `onTick` for each tick that they complete, in order.
  ///
  /// - Parameter skipping: whether the network is spared; the ticks come without an embedding then.
  public func push(_ samples: Span<Float>, skipping: Bool = false, onTick: (Tick) -> Void) {
    var start = 0
    while start < samples.count {
      let boundary = hop.samples(atTick: openTick, rate: inputRate)
      let count = min(samples.count - start, Self.pieceLength, boundary - inputCount)
      let piece = samples.extracting(start..<start + count)
      meter.add(piece)
      resampler.process(piece) { history.append($0) }
      inputCount += count
      start += count
      if inputCount == boundary {
        levels.append(meter.take())
        openTick += 1
      }
      evaluate(skipping: skipping, onTick: onTick)
    }
  }

  /// Says that the input has ended: the ticks that still wait for the resampler are completed.
  public func finish(onTick: (Tick) -> Void) {
    resampler.finish { history.append($0) }
    while !levels.isEmpty {
      // The resampler's output may end a sample or two early.
      let missing = hop.samples(atTick: openTick - levels.count, rate: embedder.sampleRate) - history.end
      if missing > 0 { history.append(zeros: missing) }
      evaluate(skipping: false, onTick: onTick)
    }
  }

  private func evaluate(skipping: Bool, onTick: (Tick) -> Void) {
    while let level = levels.first {
      let number = openTick - levels.count
      let end = hop.samples(atTick: number, rate: embedder.sampleRate)
      guard history.end >= end else { return }
      levels.removeFirst()
      let content: Content
      if let start = embedder.windowStart(endingAtOrBefore: end) {
        content = skipping ? .skipped : .embedding
        if !skipping {
          history.withSpan(from: start, count: embedder.windowLength) {
            embedder.embed($0, startingAt: start, into: &embedding)
          }
        }
      } else {
        content = .incomplete
      }
      onTick(Tick(number: number, level: level, content: content))
    }
  }
}
