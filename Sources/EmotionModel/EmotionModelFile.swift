public import Affect
public import NeuralNetwork
public import Platform

/// Reads emotion models from `safetensors` files, whose metadata say what they are.
public enum EmotionModelFile {
  /// What the identifier of an input begins with that is no embedding, but a table that another program computed. No
  /// model of one can run.
  package static let tablePrefix = "table-"

  /// Loads the model at `path` for the embedding `identifier` of `dimension` values.
  ///
  /// - Throws: ``Failure`` if the file is no emotion model of a known kind, belongs to another embedding, needs
  ///   the whole piece, or looks at steps that `hop` does not divide.
  public static func load(
    path: String, embedding identifier: String, dimension: Int, hop: Hop = .standard
  ) throws(Failure) -> any EmotionRegressor {
    try load(SafetensorsFile(path: path), embedding: identifier, dimension: dimension, hop: hop)
  }

  /// The same, from a file that is open already.
  public static func load(
    _ file: SafetensorsFile, embedding identifier: String, dimension: Int, hop: Hop = .standard
  ) throws(Failure) -> any EmotionRegressor {
    let reader = try EmotionModelReader(file, embedding: identifier)
    guard reader.kind.isLive else {
      throw reader.problem(
        "the model '\(reader.card.name)' is of the kind '\(reader.kind.rawValue)', which hears a whole piece before it "
          + "says anything, and cannot follow audio as it comes: train a causal one (ridge, mlp, gru, "
          + "causal-transformer); affectctl evaluate can score this one")
    }
    return try reader.liveRegressor(
      dimension: dimension, interval: hop.seconds, sequenceCount: try reader.sequenceCount(hop: hop))
  }

  /// Whether the model in `file` tells quadrants apart, so that its confidence is about these.
  public static func tellsQuadrants(_ file: SafetensorsFile) -> Bool {
    file.tensorNames.contains { $0 == QuadrantHead.centroidName || $0.hasSuffix(".\(QuadrantHead.centroidName)") }
  }

  /// Loads a model of any kind for whole pieces, whose embeddings lie ``ModelCard/step`` apart.
  ///
  /// - Throws: ``Failure`` if the file is no emotion model of a known kind, or belongs to another embedding.
  public static func loadForSequences(
    _ file: SafetensorsFile, embedding identifier: String, dimension: Int
  ) throws(Failure) -> any SequenceRegressor {
    let reader = try EmotionModelReader(file, embedding: identifier)
    return reader.kind.isLive
      ? try reader.liveRegressor(
        dimension: dimension, interval: reader.card.step ?? Hop.standard.seconds, sequenceCount: 1)
      : try reader.offlineRegressor(dimension: dimension)
  }
}
