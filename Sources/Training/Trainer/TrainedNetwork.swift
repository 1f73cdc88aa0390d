public import EmotionModel
public import NeuralNetwork

/// A network that was trained: what goes into a model file, and what it says of the songs it was given.
public struct TrainedNetwork: Sendable {
  public let kind: EmotionModelKind
  /// Under the names of the model file, without a member's prefix.
  public let tensors: [(name: String, tensor: Tensor)]
  /// What the model file's metadata have to say of the kind's own settings, such as the number of heads.
  public let settings: [String: String]
  public let curve: LearningCurve
  /// For each song of the set, for each of its ticks, without a confidence.
  public let predictions: [[EmotionPrediction]]
}
