internal import Affect
internal import NeuralNetwork
internal import Platform

/// What a model file says of itself, in its metadata.
public struct ModelCard: Sendable, Equatable {
  /// What the model is called; the file's name if it does not say.
  public let name: String
  /// The kind of model, such as `mlp`.
  public let kind: String
  /// Identifier of the embedding that it was trained on.
  public let embedding: String
  /// Range of the labels, such as `-1..1`.
  public let range: String
  public let trainedOn: String?
  /// Its scores on songs that it was not trained on, in words.
  public let scores: String?
  /// Seconds from one step of a sequence to the next; nil for a model that looks at each tick by itself.
  public let step: Double?

  public init(
    name: String, kind: String, embedding: String, range: String, trainedOn: String?, scores: String?,
    step: Double? = nil
  ) {
    self.name = name
    self.kind = kind
    self.embedding = embedding
    self.range = range
    self.trainedOn = trainedOn
    self.scores = scores
    self.step = step
  }

  /// Reads the card of a model file.
  ///
  /// - Throws: ``Failure`` if the kind, the embedding or the range is missing, or the step is none.
  init(metadataOf file: SafetensorsFile) throws(Failure) {
    func required(_ key: String) throws(Failure) -> String {
      guard let value = file.metadata[key] else {
        throw Failure(
          .invalidData, file.path,
          "is not an emotion model: its metadata has no '\(key)' (expected model, embedding and range)")
      }
      return value
    }
    kind = try required("model")
    embedding = try required("embedding")
    range = try required("range")
    trainedOn = file.metadata["trained_on"]
    scores = file.metadata["scores"]
    step = try file.metadata["step_s"].map { text throws(Failure) in
      guard let seconds = Double(text), Hop.range.contains(seconds) else {
        throw Failure(
          .invalidData, file.path,
          "its metadata have '\(text)' for 'step_s', expected seconds from \(Hop.range.lowerBound) to "
            + "\(Hop.range.upperBound)")
      }
      return seconds
    }
    let fileName = file.path.split(separator: "/").last.map(String.init) ?? file.path
    let suffix = ".safetensors"
    name = file.metadata["name"] ?? (fileName.hasSuffix(suffix) ? String(fileName.dropLast(suffix.count)) : fileName)
  }
}
