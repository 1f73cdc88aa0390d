public import NeuralNetwork

/// Reads emotion models from `safetensors` files, whose metadata say what they are.
public enum EmotionModelFile {
  /// Loads the model at `path` for the embedding `identifier` of `dimension` values.
  ///
  /// - Throws: ``SafetensorsError`` if the file is no emotion model of a known kind, or belongs to another embedding.
  public static func load(
    path: String, embedding identifier: String, dimension: Int
  ) throws(SafetensorsError) -> any EmotionRegressor {
    let file = try SafetensorsFile(path: path)
    let card = try ModelCard(metadataOf: file)
    guard card.kind == MultilayerPerceptron.kind else {
      throw SafetensorsError(
        .unexpectedContent, path,
        "holds a model of the kind '\(card.kind)', expected '\(MultilayerPerceptron.kind)'")
    }
    guard card.range == "-1..1" else {
      throw SafetensorsError(.unexpectedContent, path, "has labels in the range '\(card.range)', expected '-1..1'")
    }
    guard card.embedding == identifier else {
      throw SafetensorsError(
        .unexpectedContent, path,
        "the model '\(card.name)' belongs to the embedding '\(card.embedding)', but the embedding is '\(identifier)': "
          + "name a model for it with --model, or choose the embedding that fits the model")
    }
    let model = try MultilayerPerceptron(file: file, card: card)
    guard model.inputCount == dimension else {
      throw SafetensorsError(
        .unexpectedContent, path,
        "the model '\(card.name)' takes \(model.inputCount) values, but '\(identifier)' gives \(dimension)")
    }
    return model
  }
}
