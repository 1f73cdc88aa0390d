public import Platform

/// Squeeze-and-excitation (Hu, Shen and Sun, "Squeeze-and-excitation networks", 2018): each channel of a map is multiplied
/// by a number from 0 to 1 that follows from the means of all channels. `[batch × height × width × channels]` keeps its
/// shape.
public struct ChannelGates<Scalar: TrainingScalar>: Layer {
  /// From channels to fewer, with ReLU behind it.
  public let reduce: DenseLayer<Scalar>
  /// And back, with the logistic function behind it.
  public let expand: DenseLayer<Scalar>

  /// - Parameter ratio: so many channels share one of the numbers in between, of which there is at least one.
  public init(_ channels: Int, ratio: Int, using generator: inout SeededGenerator) {
    let width = max(1, channels / ratio)
    reduce = DenseLayer(channels, width, using: &generator)
    expand = DenseLayer(width, channels, using: &generator)
  }

  public var parameters: [Parameter<Scalar>] {
    reduce.parameters.prefixed("reduce") + expand.parameters.prefixed("expand")
  }

  public func apply(to maps: Variable<Scalar>) -> Variable<Scalar> {
    let shape = maps.shape
    let means = maps.reshaped([shape[0], shape[1] * shape[2], shape[3]]).mean(axis: 1)
    return maps.scaledChannels(by: expand.apply(to: reduce.apply(to: means).relu()).sigmoid())
  }
}
