public import NeuralNetwork
public import Platform
internal import SignalProcessing

/// What an emotion model for MusiCNN brings along, or wants beside the embedding.
public struct MusiCNNAdditions: Sendable {
  /// Layers in the place of the network's own, as ``RetrainedLayers/read(from:)`` gives them, nil for its own.
  public var retrained: [RetrainedLayers?]
  /// Whether mode and clarity of the key come behind the embedding.
  public var hearsTonality: Bool
  /// Of how many of the newest frames there is a second embedding, see ``RetrainedLayers/recentFrames``; nil for none.
  public var recentFrames: Int?

  public init(retrained: [RetrainedLayers?] = [], hearsTonality: Bool = false, recentFrames: Int? = nil) {
    self.retrained = retrained
    self.hearsTonality = hearsTonality
    self.recentFrames = recentFrames
  }

  /// Key of the number of values of tonality in the metadata of a model.
  public static let tonalityKey = "tonality"

  /// What the model in `file` brings and wants.
  ///
  /// - Throws: ``Failure`` that names the tensor or the key if something is not what it should be.
  public init(from file: SafetensorsFile) throws(Failure) {
    retrained = try RetrainedLayers.read(from: file)
    hearsTonality = try Self.tonalityCount(in: file) > 0
    recentFrames = try file.integer(RetrainedLayers.recentFramesKey, in: 1...MusiCNN.patchFrames)
  }

  /// How many values at the end of the embedding are no embedding, but what is heard of the tonality, says the model in
  /// `file`.
  ///
  /// - Throws: ``Failure`` if it is another number than that of the values that there are.
  package static func tonalityCount(in file: SafetensorsFile) throws(Failure) -> Int {
    try file.integer(tonalityKey, in: Tonality.valueCount...Tonality.valueCount) ?? 0
  }

  /// Values of tonality at the end of the embedding.
  public var tonalityCount: Int { hearsTonality ? Tonality.valueCount : 0 }

  /// Whether there is nothing that only MusiCNN could give.
  public var isEmpty: Bool { retrained.isEmpty && !hearsTonality && recentFrames == nil }
}
