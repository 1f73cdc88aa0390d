/// How embeddings are brought to mean 0 and deviation 1: `(x - mean) / scale`.
struct InputNormalization: Sendable, Equatable {
  /// `[dimension]`
  let mean: [Float]
  /// `[dimension]`, above 0.
  let scale: [Float]

  func applied(to embedding: ArraySlice<Float>) -> [Float] {
    embedding.enumerated().map { ($1 - mean[$0]) / scale[$0] }
  }
}
