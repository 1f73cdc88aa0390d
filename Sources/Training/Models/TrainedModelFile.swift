public import EmotionModel
public import NeuralNetwork
public import Platform

/// Writes trained networks as a model file: see docs/model-file.md.
public enum TrainedModelFile {
  /// What a model file says of itself.
  public struct Card: Sendable {
    public var name: String
    /// Identifier of the embedding.
    public var embedding: String
    public var trainedOn: String
    /// Scores on what was not trained on, in a line.
    public var scores: String
    /// All else in a few paragraphs.
    public var text: String
    /// The program that wrote it.
    public var madeWith: String

    public init(name: String, embedding: String, trainedOn: String, scores: String, text: String, madeWith: String) {
      self.name = name
      self.embedding = embedding
      self.trainedOn = trainedOn
      self.scores = scores
      self.text = text
      self.madeWith = madeWith
    }
  }

  /// - Throws: `Failure` if the file cannot be written.
  public static func write(_ outcome: ModelTraining.Outcome, card: Card, to path: String) throws(Failure) {
    let (networks, calibration) = (outcome.networks, outcome.calibration)
    precondition(!networks.isEmpty && networks.allSatisfy { $0.kind == networks[0].kind })
    // What only networks with layers of MusiCNN have to say holds for the others, too.
    var metadata = networks.reduce(into: [:]) { $0.merge($1.settings) { first, _ in first } }
    metadata.merge(outcome.venueGate?.metadata ?? [:]) { first, _ in first }
    metadata["name"] = card.name
    metadata["model"] = networks[0].kind.rawValue
    metadata["embedding"] = card.embedding
    metadata["range"] = "-1..1"
    metadata["trained_on"] = card.trainedOn
    metadata["scores"] = card.scores
    metadata["card"] = card.text
    metadata["made_with"] = card.madeWith
    var tensors: [(name: String, tensor: Tensor)] = []
    if networks.count == 1 {
      tensors = networks[0].tensors
    } else {
      metadata["members"] = "\(networks.count)"
      for (index, network) in networks.enumerated() {
        tensors += network.tensors.map { ("members.\(index).\($0.name)", $0.tensor) }
      }
    }
    tensors.append(("confidence", Tensor(shape: [2], values: [calibration.slope, calibration.offset])))
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
  }
}

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
