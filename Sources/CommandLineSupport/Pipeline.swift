internal import Embedding
internal import EmotionModel
public import Tracking

/// Loaded networks, ready to follow any number of inputs one after another.
public struct Pipeline {
  let embedder: any EmbeddingInput
  let regressor: any EmotionRegressor
  let settings: PipelineSettings

  /// Identifier of the embedding network.
  public var embeddingName: String { embedder.identifier }
  /// Name of the emotion model.
  public var modelName: String { regressor.card.name }

  /// A tracker in its initial state.
  public func makeTracker() -> AffectTracker {
    let tracker = AffectTracker(embedder: embedder, regressor: regressor, settings: settings.tracker)
    tracker.gain = settings.calibration?.gain ?? 0
    tracker.filter = settings.calibration?.filter
    return tracker
  }

  /// A tracker for a file: its stream, of `inputRate` Hz, has begun.
  public func makeTracker(inputRate: Int) -> AffectTracker {
    let tracker = makeTracker()
    tracker.note(.networksReady)
    tracker.note(.input(.open))
    tracker.begin(inputRate: inputRate)
    return tracker
  }
}
