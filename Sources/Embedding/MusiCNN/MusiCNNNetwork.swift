internal import Glibc
package import NeuralNetwork
package import Platform

/// MusiCNN's layers, in the readable reference version. Every convolution is followed by ReLU and then by batch
/// normalisation, in this order.
package struct MusiCNNNetwork: Sendable {
  package static let embeddingSize = 200
  package static let tagCount = 50

  private static let frames = MusiCNNFrontEnd.frameCount
  private static let bands = MusiCNNFrontEnd.bandCount
  private static let timbralChannels = 204
  private static let temporalChannels = 51
  package static let frontEndChannels = 2 * timbralChannels + 3 * temporalChannels
  static let midChannels = 64
  static let midTaps = 7
  static let pooledChannels = frontEndChannels + 3 * midChannels
  private static let batchNormalizationEpsilon: Float = 1e-3

  struct Block: Sendable {
    let convolution: Convolution
    let normalization: BatchNormalization
  }

  let inputNormalization: BatchNormalization
  /// Timbral 7×38 and 7×67, temporal 128×1, 64×1 and 32×1, in the order of their channels.
  let frontEnd: [Block]
  private(set) var backEnd: MusiCNNBackEndLayers
  private let tagNormalization: BatchNormalization
  private let tagDense: Dense

  /// Every stage of one evaluation. `mel` is the input; the rest is overwritten.
  package struct Activations: Sendable {
    /// `[187 frames × 96 bands × 1]`
    package var mel = Tensor(zeros: [frames, bands, 1])
    var normalized = Tensor(zeros: [frames, bands, 1])
    /// The five convolutions before their maximum over the bands.
    var maps: [Tensor] = []
    /// `[187 × 1 × 561]`: timbral A and B, temporal 1, 2 and 3 side by side.
    package var frontEnd = Tensor(zeros: [frames, 1, frontEndChannels])
    /// `[187 × 1 × 64]` each.
    package var mid = Array(repeating: Tensor(zeros: [frames, 1, midChannels]), count: 3)
    /// `[753 × (max, mean)]`
    package var pooled = Tensor(zeros: [pooledChannels, 2])
    var pooledNormalized: [Float] = []
    /// `[200]`, linear.
    package var embedding = [Float](repeating: 0, count: embeddingSize)
    var workspace: [Float] = []

    package init() {}
  }

  /// - Throws: ``Failure`` that names the tensor if one is missing or has another shape.
  package init(weights: SafetensorsFile) throws(Failure) {
    func normalization(_ number: Int, _ channels: Int) throws(Failure) -> BatchNormalization {
      let prefix = number == 0 ? "batch_normalization" : "batch_normalization_\(number)"
      return BatchNormalization(
        gamma: try weights.tensor("\(prefix).gamma", shape: [channels]).values,
        beta: try weights.tensor("\(prefix).beta", shape: [channels]).values,
        mean: try weights.tensor("\(prefix).moving_mean", shape: [channels]).values,
        variance: try weights.tensor("\(prefix).moving_variance", shape: [channels]).values,
        epsilon: Self.batchNormalizationEpsilon)
    }
    /// `stored` is the shape in the file, [time, mel, 1, out]; the kernel may be seen as `shape` instead.
    func block(
      _ number: Int, stored: [Int], as shape: [Int]? = nil, normalizedBy normalizationNumber: Int
    ) throws(Failure) -> Block {
      let prefix = number == 0 ? "conv2d" : "conv2d_\(number)"
      let kernel = try weights.tensor("\(prefix).kernel", shape: stored)
      return Block(
        convolution: Convolution(
          kernel: Tensor(shape: shape ?? stored, values: kernel.values),
          bias: try weights.tensor("\(prefix).bias", shape: [stored[3]]).values,
          padding: .sameRows(height: stored[0])),
        normalization: try normalization(normalizationNumber, stored[3]))
    }
    func dense(_ prefix: String, _ input: Int, _ output: Int) throws(Failure) -> Dense {
      Dense(
        weight: try weights.tensor("\(prefix).kernel", shape: [input, output]).transposed(),
        bias: try weights.tensor("\(prefix).bias", shape: [output]).values)
    }

    inputNormalization = try normalization(0, 1)
    frontEnd = [
      try block(0, stored: [7, 38, 1, Self.timbralChannels], normalizedBy: 1),
      try block(1, stored: [7, 67, 1, Self.timbralChannels], normalizedBy: 2),
      try block(2, stored: [128, 1, 1, Self.temporalChannels], normalizedBy: 3),
      try block(3, stored: [64, 1, 1, Self.temporalChannels], normalizedBy: 4),
      try block(4, stored: [32, 1, 1, Self.temporalChannels], normalizedBy: 5),
    ]
    // The mid layers span all their input's columns, which is the same as a width of 1 and so many channels.
    let (taps, front, middle) = (Self.midTaps, Self.frontEndChannels, Self.midChannels)
    backEnd = MusiCNNBackEndLayers(
      mid: [
        try block(5, stored: [taps, front, 1, middle], as: [taps, 1, front, middle], normalizedBy: 6),
        try block(6, stored: [taps, middle, 1, middle], as: [taps, 1, middle, middle], normalizedBy: 7),
        try block(7, stored: [taps, middle, 1, middle], as: [taps, 1, middle, middle], normalizedBy: 8),
      ],
      pooledNormalization: try normalization(9, 2 * Self.pooledChannels),
      dense: try dense("dense", 2 * Self.pooledChannels, Self.embeddingSize))
    tagNormalization = try normalization(10, Self.embeddingSize)
    tagDense = try dense("dense_1", Self.embeddingSize, Self.tagCount)
  }

  /// The layers after the front end, from which a retraining begins.
  package var retrainableLayers: RetrainedLayers { backEnd.retrainable }

  /// The network with `layers` in the place of its own.
  package func replacing(_ layers: RetrainedLayers) -> MusiCNNNetwork {
    var result = self
    result.backEnd = MusiCNNBackEndLayers(layers)
    return result
  }

  /// From `activations.mel` to `activations.embedding`.
  package func evaluate(_ activations: inout Activations) {
    activations.normalized = activations.mel
    inputNormalization.apply(to: &activations.normalized)

    if activations.maps.isEmpty {
      activations.maps = frontEnd.map {
        Tensor(zeros: $0.convolution.outputShape(for: activations.normalized.shape))
      }
    }
    var offset = 0
    for (index, block) in frontEnd.enumerated() {
      apply(block, to: activations.normalized, into: &activations.maps[index], workspace: &activations.workspace)
      activations.maps[index].maximumOverWidth(into: &activations.frontEnd, channelOffset: offset)
      offset += block.convolution.bias.count
    }

    let mid = backEnd.mid
    apply(mid[0], to: activations.frontEnd, into: &activations.mid[0], workspace: &activations.workspace)
    for index in 1..<mid.count {
      let before = activations.mid[index - 1]
      apply(mid[index], to: before, into: &activations.mid[index], workspace: &activations.workspace)
      activations.mid[index].add(before)
    }

    pool(&activations)
    activations.pooledNormalized = activations.pooled.values
    backEnd.embed(pooled: &activations.pooledNormalized, into: &activations.embedding)
  }

  /// The probabilities of the 50 tags, `[50]`, from an embedding.
  package func tags(of embedding: [Float]) -> [Float] {
    var hidden = Tensor(shape: [embedding.count], values: embedding)
    hidden.rectify()
    tagNormalization.apply(to: &hidden)
    var output = [Float](repeating: 0, count: Self.tagCount)
    tagDense.apply(to: hidden.values, into: &output)
    return output.map { 1 / (1 + exp(-$0)) }
  }

  private func apply(_ block: Block, to input: Tensor, into output: inout Tensor, workspace: inout [Float]) {
    block.convolution.apply(to: input, into: &output, workspace: &workspace)
    output.rectify()
    block.normalization.apply(to: &output)
  }

  /// Maximum and mean over time of each channel of the front end and the three mid layers, interleaved.
  private func pool(_ activations: inout Activations) {
    let layers = [activations.frontEnd] + activations.mid
    activations.pooled.fill { pooled in
      var target = 0
      for layer in layers {
        let channels = layer.shape[2]
        for channel in 0..<channels {
          var (maximum, sum) = (-Float.infinity, Float(0))
          for frame in backEnd.pooledRows {
            let value = layer.values[frame * channels + channel]
            maximum = max(maximum, value)
            sum += value
          }
          pooled[target] = maximum
          pooled[target + 1] = sum / Float(backEnd.pooledRows.count)
          target += 2
        }
      }
    }
  }
}
