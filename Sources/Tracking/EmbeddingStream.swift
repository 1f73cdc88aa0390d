public import Affect
internal import AudioInput
public import Embedding
internal import Glibc
public import Platform
internal import SignalProcessing

/// Turns a stream of audio into an embedding at every tick: resampling, windows, the network.
///
/// Tick n lies at n × hop seconds. Its embedding is that of the last whole window that ends at or before it; where there
/// are several parts, each has a window of its own, at its own sample rate. A part is computed as soon as its window is
/// whole, so that often nothing is left to do when the hop is. What comes out does not depend on how the input is cut into
/// pieces.
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

  private var parts: [Part]
  /// One for each sample rate that a part wants.
  private var histories: [ResampledHistory]
  private let inputRate: Int
  private let clock: any Clock
  private var meter = LevelMeter()
  private var amplified: [Float]

  private var inputCount = 0
  /// The tick whose level is being measured.
  private var openTick: Int
  /// Levels of the ticks before `openTick` that wait for the resampler to catch up.
  private var levels: [Float] = []
  /// Seconds that the networks have worked on the tick that is handed over next.
  private var workSeconds = 0.0

  /// What computes some values of the embedding.
  private struct Part {
    var embedder: any AudioEmbedder
    /// Which of the histories it hears.
    let history: Int
    /// Where its values begin in the embedding.
    let place: Int
    var values: [Float]
    /// The tick whose values are there; 0 for none.
    var readyTick = 0

    mutating func embed(_ history: ResampledHistory, windowAt start: Int) {
      history.withSpan(from: start, count: embedder.windowLength) {
        embedder.embed($0, startingAt: start, into: &values)
      }
    }
  }

  /// Seconds of the clock. Where several networks worked apart from each other, the time in between is left out: the start
  /// is so long before the end as they worked.
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
    embedder: any EmbeddingInput, hop: Hop, inputRate: Int, origin: Double = 0, clock: any Clock = SystemClock()
  ) {
    self.clock = clock
    self.hop = hop
    self.origin = origin
    openTick = hop.tick(atOrBefore: origin) + 1
    amplified = Array(repeating: 0, count: Self.pieceLength)
    self.inputRate = inputRate
    embedding = Array(repeating: 0, count: embedder.dimension)
    let embedders = embedder.parts
    let rates = Set(embedders.map(\.sampleRate)).sorted()
    histories = rates.map { rate in
      let lengths = embedders.filter { $0.sampleRate == rate }.map { $0.windowLength + $0.windowStep }
      return ResampledHistory(from: inputRate, to: rate, length: lengths.max() ?? 0, pieceLength: Self.pieceLength)
    }
    parts = []
    var place = 0
    for var embedder in embedders {
      embedder.restart()
      let history = rates.firstIndex(of: embedder.sampleRate)!  // the rates are those of the parts
      let values = [Float](repeating: 0, count: embedder.dimension)
      parts.append(Part(embedder: embedder, history: history, place: place, values: values))
      place += values.count
    }
    levels.reserveCapacity(64)
  }

  /// Changes the colour of what the network hears from now on; nil for none.
  func use(_ filter: VenueFilter?) {
    for index in parts.indices { parts[index].embedder.use(filter) }
  }

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
        append(piece)
      } else {
        for index in piece.indices { amplified[index] = piece[index] * gain }
        append(amplified.span.extracting(first: count))
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
    for index in histories.indices { histories[index].finish() }
    while !levels.isEmpty {
      for index in histories.indices {
        // The resampler's output may end a sample or two early.
        histories[index].fill(to: end(ofTick: openTick - levels.count, in: histories[index]))
      }
      evaluate(skipping: false, onTick: onTick)
    }
  }

  private func append(_ piece: Span<Float>) {
    for index in histories.indices { histories[index].append(piece) }
  }

  private func evaluate(skipping: Bool, onTick: (Tick) -> Void) {
    while true {
      let number = openTick - levels.count
      let isIncomplete = parts.contains { windowStart(of: $0, tick: number) == nil }
      if !isIncomplete, !skipping { embed(tick: number) }
      guard let level = levels.first else { return }
      let content: Content
      if isIncomplete {
        content = .incomplete
      } else if parts.allSatisfy({ $0.readyTick == number }) {
        content = .embedding
      } else {
        guard histories.allSatisfy({ $0.end >= end(ofTick: number, in: $0) }) else { return }
        content = .skipped
      }
      if content != .embedding { inferenceTimes = nil }
      workSeconds = 0
      levels.removeFirst()
      onTick(Tick(number: number, level: level, content: content))
    }
  }

  /// Position of the tick in a history.
  private func end(ofTick tick: Int, in history: ResampledHistory) -> Int {
    hop.samples(atTick: tick, rate: history.rate, origin: origin)
  }

  /// First sample of the part's window, nil if there is no whole one yet.
  private func windowStart(of part: Part, tick: Int) -> Int? {
    part.embedder.windowStart(endingAtOrBefore: end(ofTick: tick, in: histories[part.history]))
  }

  /// Computes the parts whose windows have become whole.
  private func embed(tick: Int) {
    for index in parts.indices where parts[index].readyTick != tick {
      let history = histories[parts[index].history]
      guard let start = windowStart(of: parts[index], tick: tick),
        history.end >= start + parts[index].embedder.windowLength
      else { continue }
      let started = clock.now
      parts[index].embed(history, windowAt: start)
      parts[index].readyTick = tick
      let (place, ended) = (parts[index].place, clock.now)
      for (offset, value) in parts[index].values.enumerated() { embedding[place + offset] = value }
      inferenceTimes = InferenceTimes(start: started - workSeconds, end: ended)
      workSeconds += ended - started
    }
  }
}
