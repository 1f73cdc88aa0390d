internal import NeuralNetwork
internal import Platform

/// A block of a convolutional network: convolution 3×3 with one zero around, batch normalisation, ReLU, gates of the
/// channels if there are any, maximum over 2×2 places. The batch normalisation is part of the convolution.
struct ConvolutionBlock {
  private let convolution: Convolution
  private var excitation: SqueezeExcitation?
  /// `[frames × bands × channels]`
  private var map: Tensor
  /// `[frames / 2 × bands / 2 × channels]`
  private(set) var output: Tensor

  /// Multiplications of the convolution.
  let work: Int

  /// The most channels.
  static let channelLimit = 512
  /// The most values in a map: 16 MB of them.
  private static let mapLimit = 1 << 22
  /// Added to the variances, as PyTorch does it.
  static let epsilon: Float = 1e-5

  /// Reads `conv.N`, `norm.N` and, if the channels have gates, `se.N`.
  ///
  /// - Parameter shape: of the input, `[frames × bands × channels]`.
  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or the block would be too large.
  init(_ tensors: ModelTensors, _ number: Int, input shape: [Int], hasGates: Bool) throws(Failure) {
    let (frames, bands, inputs) = (shape[0], shape[1], shape[2])
    let name = "conv.\(number)"
    guard frames >= 2, bands >= 2 else {
      throw tensors.problem(
        "holds '\(tensors.prefix)\(name)', which gets \(frames) frames of \(bands) bands: there is nothing left to pool"
      )
    }
    let channels = try tensors.dimension(
      0, of: "\(name).weight", expecting: "[channels, \(inputs), 3, 3]", rank: 4, limit: Self.channelLimit)
    guard frames * bands * channels <= Self.mapLimit else {
      throw tensors.problem(
        "'\(tensors.prefix)\(name)' would give \(frames) x \(bands) x \(channels) values, more than \(Self.mapLimit)")
    }
    let weight = try tensors.tensor("\(name).weight", [channels, inputs, 3, 3])
    convolution = Convolution(
      kernel: weight.kernelFromOutputFirst(), bias: try tensors.vector("\(name).bias", channels), padding: .one
    ).followed(by: try Self.normalization(tensors, "norm.\(number)", channels))
    excitation = hasGates ? try SqueezeExcitation(tensors, "se.\(number)", channels: channels) : nil
    map = Tensor(zeros: [frames, bands, channels])
    output = Tensor(zeros: [frames / 2, bands / 2, channels])
    work = 9 * inputs * channels * frames * bands
  }

  private static func normalization(
    _ tensors: ModelTensors, _ name: String, _ channels: Int
  ) throws(Failure) -> BatchNormalization {
    let variance = try tensors.vector("\(name).running_var", channels)
    guard variance.allSatisfy({ $0 >= 0 }) else {
      throw tensors.problem("tensor '\(tensors.prefix)\(name).running_var' holds a variance below 0")
    }
    return BatchNormalization(
      gamma: try tensors.vector("\(name).weight", channels), beta: try tensors.vector("\(name).bias", channels),
      mean: try tensors.vector("\(name).running_mean", channels), variance: variance, epsilon: epsilon)
  }

  /// From `input` to ``output``.
  ///
  /// - Parameter workspace: grows at the first call.
  mutating func apply(to input: Tensor, workspace: inout [Float]) {
    convolution.apply(to: input, into: &map, workspace: &workspace)
    map.rectify()
    excitation?.apply(to: &map)
    map.maximumOverBlocks(height: 2, width: 2, into: &output)
  }
}
