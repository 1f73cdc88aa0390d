internal import Embedding
internal import EmotionModel
public import Tracking

/// Loaded networks, ready to follow any number of inputs one after another.
public struct Pipeline {
  let embedder: any AudioEmbedder
  let regressor: any EmotionRegressor
  let settings: PipelineSettings

  /// Identifier of the embedding network.
  public var embeddingName: String { embedder.identifier }
  /// Name of the emotion model.
  public var modelName: String { regressor.card.name }

  /// A tracker for an input of `inputRate` Hz, in its initial state.
  public func makeTracker(inputRate: Int) -> AffectTracker {
    AffectTracker(
      embedder: embedder, regressor: regressor, hop: settings.hop, smoothing: settings.smoothing, inputRate: inputRate)
  }
}
