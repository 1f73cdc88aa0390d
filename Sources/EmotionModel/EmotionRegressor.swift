public import Affect

/// A model that reads valence and arousal off an embedding.
public protocol EmotionRegressor {
  var card: ModelCard { get }

  /// Length of the embedding that the model takes.
  var inputCount: Int { get }

  /// - Parameter embedding: ``inputCount`` values.
  mutating func estimate(from embedding: [Float]) -> Affect
}
