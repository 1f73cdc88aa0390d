internal import EmotionModel
internal import NeuralNetwork
internal import Platform

/// A convolutional network over each tick's image of frames and bands: blocks of convolution 3×3, batch normalisation, ReLU,
/// gates of the channels if wanted, maximum over 2×2 places; what the head makes of the last map; a dense layer with ReLU
/// and dropout.
struct ConvolutionalBody: TrainableBody {
  private struct Block {
    let convolution: Convolution2D<Float>
    let normalization: BatchNormalizationLayer<Float>
    let gates: ChannelGates<Float>?
  }

  private enum Summary {
    case flat
    case temporal(Convolution1D<Float>)
    case recurrent(RecurrentStack<Float>, attention: AttentionPooling<Float>?)
  }

  private let frames, bands: Int
  private let design: ConvolutionSettings
  private let blocks: [Block]
  private let summary: Summary
  private let hidden: DenseLayer<Float>
  private let dropout: Double

  var featureCount: Int { design.hiddenSize }

  /// - Parameter shape: of the input, frames and bands.
  init(shape: [Int], settings: ConvolutionSettings, dropout: Double, generator: inout SeededGenerator) {
    precondition(settings.fits(shape), "nothing is left of \(shape) after \(settings.channels.count) blocks")
    (frames, bands) = (shape[0], shape[1])
    design = settings
    self.dropout = dropout
    var blocks: [Block] = []
    var inputs = 1
    for channels in settings.channels {
      blocks.append(
        Block(
          convolution: Convolution2D(inputs, channels, height: 3, width: 3, padding: (1, 1), using: &generator),
          normalization: BatchNormalizationLayer(channels),
          gates: settings.gateRatio.map { ChannelGates(channels, ratio: $0, using: &generator) }))
      inputs = channels
    }
    self.blocks = blocks
    let (lastFrames, lastBands) = (frames >> blocks.count, bands >> blocks.count)
    let width = settings.headWidth
    let count: Int
    switch settings.head {
    case .flatten:
      summary = .flat
      count = lastFrames * lastBands * inputs
    case .temporal:
      summary = .temporal(Convolution1D(inputs, width, taps: 3, using: &generator))
      count = lastFrames * lastBands * width
    case .gru, .gruAttention:
      let stack = RecurrentStack<Float>(.gru, inputs: lastBands * inputs, hidden: width, using: &generator)
      let attention: AttentionPooling<Float>? =
        settings.head == .gruAttention ? AttentionPooling(width, using: &generator) : nil
      summary = .recurrent(stack, attention: attention)
      count = width
    }
    hidden = DenseLayer(count, settings.hiddenSize, using: &generator)
  }

  var parameters: [Parameter<Float>] {
    var parameters: [Parameter<Float>] = []
    for (index, block) in blocks.enumerated() {
      parameters += block.convolution.parameters.prefixed("conv.\(index)")
      parameters += block.normalization.parameters.prefixed("norm.\(index)")
      if let gates = block.gates { parameters += gates.parameters.prefixed("se.\(index)") }
    }
    switch summary {
    case .flat: break
    case .temporal(let convolution): parameters += convolution.parameters.prefixed("temporal")
    case .recurrent(let stack, let attention):
      parameters += stack.modelFileParameters("gru")
      if let attention { parameters += attention.parameters.prefixed("attention") }
    }
    return parameters + hidden.parameters.prefixed("hidden")
  }

  var state: [Parameter<Float>] {
    blocks.enumerated().flatMap { $1.normalization.state.prefixed("norm.\($0)") }
  }

  /// The model file has kernels as PyTorch has them.
  var tensors: [(name: String, tensor: Tensor)] {
    (parameters + state).map { parameter in
      let tensor = parameter.variable.value.tensor
      guard parameter.name.hasSuffix(".kernel") else { return (parameter.name, tensor) }
      return (parameter.name.replacing(".kernel", with: ".weight"), tensor.kernelOutputFirst())
    }
  }

  var settings: [String: String] {
    [ConvolutionMetadata.inputShape: "\(frames) \(bands)", ConvolutionMetadata.head: design.head.rawValue]
  }

  func features(of input: Variable<Float>, pass: inout Pass) -> Variable<Float> {
    let (batch, ticks) = (input.shape[0], input.shape[1])
    var maps = input.reshaped([batch * ticks, frames, bands, 1])
    for block in blocks {
      maps = block.normalization.apply(to: block.convolution.apply(to: maps), pass: pass).relu()
      if let gates = block.gates { maps = gates.apply(to: maps) }
      maps = maps.maximumPooled(height: 2, width: 2)
    }
    let features = hidden.apply(to: summarized(maps, pass: &pass)).relu()
    return pass.dropout(features, rate: dropout).reshaped([batch, ticks, featureCount])
  }

  /// From `[images × frames × bands × channels]` to `[images × values]`.
  private func summarized(_ maps: Variable<Float>, pass: inout Pass) -> Variable<Float> {
    let (images, frames, bands, channels) = (maps.shape[0], maps.shape[1], maps.shape[2], maps.shape[3])
    switch summary {
    case .flat: return maps.reshaped([images, frames * bands * channels])
    case .temporal(let convolution):
      let places = convolution.apply(to: maps.reshaped([images, frames * bands, channels])).relu()
      return places.reshaped([images, places.value.count / images])
    case .recurrent(let stack, let attention):
      let states = stack.apply(to: maps.reshaped([images, frames, bands * channels]), pass: &pass)
      return attention?.apply(to: states)
        ?? states.slice(axis: 1, frames - 1..<frames).reshaped([images, stack.outputs])
    }
  }
}
