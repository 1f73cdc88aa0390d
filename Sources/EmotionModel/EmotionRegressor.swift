/// A model that reads valence and arousal off the embeddings of a stream of music, one after the other, knowing nothing
/// of those that come later.
public protocol EmotionRegressor {
  var card: ModelCard { get }

  /// Length of the embedding that the model takes.
  var inputCount: Int { get }

  /// Says that another stream begins: nothing of the one before may be remembered.
  mutating func restart()

  /// Says that the next tick has no embedding.
  mutating func skip()

  /// What the model says of the next tick.
  ///
  /// - Parameter embedding: ``inputCount`` values.
  mutating func estimate(from embedding: [Float]) -> EmotionPrediction
}

extension EmotionRegressor {
  /// Nothing, for a model that looks at each tick by itself.
  public mutating func skip() {}
}
