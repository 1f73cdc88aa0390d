/// A model that reads valence and arousal off all embeddings of a piece of music at once.
public protocol SequenceRegressor {
  var card: ModelCard { get }

  /// Length of the embeddings that the model takes.
  var inputCount: Int { get }

  /// What the model says of each step.
  ///
  /// - Parameter sequence: the embeddings of a piece, ``inputCount`` values each, ``ModelCard/step`` seconds apart.
  func estimate(sequence: [[Float]]) -> [EmotionPrediction]
}

/// A network that needs a whole sequence.
protocol OfflineNetwork {
  var featureCount: Int { get }

  /// From normalised embeddings to as many features `[featureCount]`, which the output layer reads.
  func features(of sequence: [[Float]]) -> [[Float]]
}
