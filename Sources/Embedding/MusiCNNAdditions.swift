public import NeuralNetwork
public import Platform
internal import SignalProcessing

/// What an emotion model for MusiCNN brings along, or wants beside the embedding.
public struct MusiCNNAdditions: Sendable {
  /// Layers in the place of the network's own, as ``RetrainedLayers/read(from:)`` gives them, nil for its own.
  public var retrained: [RetrainedLayers?]
  /// Whether mode and clarity of the key come behind the embedding.
  public var hearsTonality: Bool

  public init(retrained: [RetrainedLayers?] = [], hearsTonality: Bool = false) {
    self.retrained = retrained
    self.hearsTonality = hearsTonality
  }

  /// Key of the number of values of tonality in the metadata of a model.
  public static let tonalityKey = "tonality"

  /// What the model in `file` brings and wants.
  ///
  /// - Throws: ``Failure`` that names the tensor or the key if something is not what it should be.
  public init(from file: SafetensorsFile) throws(Failure) {
    retrained = try RetrainedLayers.read(from: file)
    hearsTonality = try file.integer(Self.tonalityKey, in: Tonality.valueCount...Tonality.valueCount) != nil
  }

  /// Values of tonality at the end of the embedding.
  public var tonalityCount: Int { hearsTonality ? Tonality.valueCount : 0 }

  /// Whether there is nothing that only MusiCNN could give.
  public var isEmpty: Bool { retrained.isEmpty && !hearsTonality }
}
