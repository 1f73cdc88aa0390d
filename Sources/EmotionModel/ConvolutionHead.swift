/// What becomes of the last map of a convolutional network, as a model file names it.
public enum ConvolutionHead: String, Sendable, CaseIterable {
  /// All values of the map.
  case flatten
  /// A convolution over all places of the map, one row of bands after the other, then all its values.
  case temporal
  /// The last state of gated recurrent units that go over the frames.
  case gru
  /// The mean of all their states, weighted by attention.
  case gruAttention = "gru-attention"

  /// All of them, for a person.
  static let names = allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
}
