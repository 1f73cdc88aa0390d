public import Affect
internal import AudioInput
public import Embedding
internal import Glibc
public import Platform
internal import SignalProcessing

/// Turns a stream of audio into an embedding at every tick: resampling, windows, the network.
///
/// Tick n lies at n × hop seconds. Its embedding is that of the last whole window that ends at or before it. It is
/// computed as soon as the window is whole, so that often nothing is left to do when the hop is. What comes out does not
/// depend on how the input is cut into pieces.
public final class EmbeddingStream {
  public let hop: Hop
  /// Audio time of the first sample, seconds.
  public let origin: Double
  /// What the samples are multiplied with before the network hears them. The level is measured before that.
  public var gain: Float = 1
  /// When the network worked on the tick that is being handed over; nil if it did not.
  public private(set) var inferenceTimes: InferenceTimes?
  /// The embedding of the tick that is being handed over, `[dimension]`.
  public private(set) var embedding: [Float]

  private var embedder: any AudioEmbedder
  private let inputRate: Int
  private let clock: any Clock
  private let resampler: Resampler
  private var history: SampleHistory
  private var meter = LevelMeter()
  private var amplified: [Float]

  private var inputCount = 0
  /// The tick whose level is being measured.
  private var openTick: Int
  /// Levels of the ticks before `openTick` that wait for the resampler to catch up.
  private var levels: [Float] = []
  /// The tick whose embedding is there; 0 for none.
  private var readyTick = 0

  /// Seconds of the clock.
  public struct InferenceTimes: Sendable {
    public let start: Double
    public let end: Double
  }

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

  /// - Parameters:
  ///   - origin: audio time at which the stream begins, seconds; 0 or more.
  ///   - clock: what the inference is timed with.
  public init(
    embedder: any AudioEmbedder, hop: Hop, inputRate: Int, origin: Double = 0, clock: any Clock = SystemClock()
  ) {
    self.clock = clock
    self.embedder = embedder
    self.embedder.restart()
    self.hop = hop
    self.origin = origin
    openTick = hop.tick(atOrBefore: origin) + 1
    amplified = Array(repeating: 0, count: Self.pieceLength)
    self.inputRate = inputRate
    resampler = Resampler(from: inputRate, to: embedder.sampleRate)
    embedding = Array(repeating: 0, count: embedder.dimension)
    let pieceOutput = (Self.pieceLength + 1) * embedder.sampleRate / inputRate + 4096
    history = SampleHistory(length: embedder.windowLength + embedder.windowStep + 2 * pieceOutput)
    levels.reserveCapacity(64)
  }

  /// Changes the colour of what the network hears from now on; nil for none.
  func use(_ filter: VenueFilter?) { embedder.use(filter) }

  /// Brings what the network hears from now on to the level and the colour of recorded music; nil for neither.
  public func use(_ calibration: Calibration?) {
    gain = Float(pow(10, (calibration?.gain ?? 0) / 20))
    use(calibration?.filter)
  }

  /// Takes `samples` at the input rate and calls `onTick` for each tick that they complete, in order.
  ///
  /// - Parameter skipping: whether the network is spared; the ticks that have no embedding yet come without one then.
  public func push(_ samples: Span<Float>, skipping: Bool = false, onTick: (Tick) -> Void) {
    var start = 0
    while start < samples.count {
      let boundary = hop.samples(atTick: openTick, rate: inputRate, origin: origin)
      let count = min(samples.count - start, Self.pieceLength, boundary - inputCount)
      let piece = samples.extracting(start..<start + count)
      meter.add(piece)
      if gain == 1 {
        resampler.process(piece) { history.append($0) }
      } else {
        for index in piece.indices { amplified[index] = piece[index] * gain }
        resampler.process(amplified.span.extracting(first: count)) { history.append($0) }
      }
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
      let missing =
        hop.samples(atTick: openTick - levels.count, rate: embedder.sampleRate, origin: origin)
        - history.end
      if missing > 0 { history.append(zeros: missing) }
      evaluate(skipping: false, onTick: onTick)
    }
  }

  private func evaluate(skipping: Bool, onTick: (Tick) -> Void) {
    while true {
      let number = openTick - levels.count
      let end = hop.samples(atTick: number, rate: embedder.sampleRate, origin: origin)
      let start = embedder.windowStart(endingAtOrBefore: end)
      if let start, !skipping, readyTick != number, history.end >= start + embedder.windowLength {
        embed(windowAt: start, tick: number)
      }
      guard let level = levels.first else { return }
      let content: Content
      if start == nil {
        content = .incomplete
      } else if readyTick == number {
        content = .embedding
      } else {
        guard history.end >= end else { return }
        content = .skipped
      }
      if content != .embedding { inferenceTimes = nil }
      levels.removeFirst()
      onTick(Tick(number: number, level: level, content: content))
    }
  }

  private func embed(windowAt start: Int, tick: Int) {
    let started = clock.now
    history.withSpan(from: start, count: embedder.windowLength) {
      embedder.embed($0, startingAt: start, into: &embedding)
    }
    inferenceTimes = InferenceTimes(start: started, end: clock.now)
    readyTick = tick
  }
}
