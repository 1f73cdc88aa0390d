public import Affect
public import Embedding
public import EmotionModel

/// The whole pipeline from samples to published values, without any input or output of its own: the daemon drives it
/// from a device, `affectctl analyze` from a file.
public final class AffectTracker {
  /// Ticks that were left out because the network did not keep up with a live input.
  public private(set) var skippedTickCount = 0
  public var hop: Hop { stream.hop }

  private let stream: EmbeddingStream
  private var regressor: any EmotionRegressor
  private var smoother: AffectSmoother
  private var lastEvaluatedTick: Int?

  /// - Precondition: `regressor` was loaded for `embedder`.
  public init(
    embedder: any AudioEmbedder, regressor: any EmotionRegressor, hop: Hop, smoothing: Smoothing, inputRate: Int
  ) {
    precondition(embedder.dimension == regressor.inputCount)
    stream = EmbeddingStream(embedder: embedder, hop: hop, inputRate: inputRate)
    self.regressor = regressor
    smoother = AffectSmoother(smoothing)
  }

  /// Takes `samples` and hands over an estimate for each tick that they complete.
  ///
  /// - Parameter isBehind: whether a whole hop of newer audio waits already. The network is spared then, and the
  ///   ticks are counted as skipped.
  public func push(_ samples: Span<Float>, isBehind: Bool = false, onEstimate: (AffectEstimate) -> Void) {
    stream.push(samples, skipping: isBehind) { handle($0, onEstimate) }
  }

  /// Says that the input has ended, and hands over what is left.
  public func finish(onEstimate: (AffectEstimate) -> Void) {
    stream.finish { handle($0, onEstimate) }
  }

  private func handle(_ tick: EmbeddingStream.Tick, _ onEstimate: (AffectEstimate) -> Void) {
    let values: AffectEstimate.Values?
    switch tick.content {
    case .skipped:
      skippedTickCount += 1
      return
    case .incomplete:
      values = nil
    case .embedding:
      let raw = regressor.estimate(from: stream.embedding)
      let ticks = tick.number - (lastEvaluatedTick ?? tick.number - 1)
      let smoothed = smoother.apply(raw, interval: Double(ticks) * hop.seconds)
      lastEvaluatedTick = tick.number
      values = AffectEstimate.Values(smoothed: smoothed, raw: raw)
    }
    onEstimate(
      AffectEstimate(
        tick: tick.number, audioTime: hop.time(ofTick: tick.number), values: values, level: tick.level,
        state: values == nil ? .warmingUp : .tracking))
  }
}
