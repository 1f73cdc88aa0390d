/// A network that needs a whole sequence.
protocol OfflineNetwork {
  var featureCount: Int { get }

  /// From normalised embeddings to as many features `[featureCount]`, which the output layer reads.
  func features(of sequence: [[Float]]) -> [[Float]]
}
