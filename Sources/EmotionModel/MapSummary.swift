internal import NeuralNetwork
internal import Platform

/// What becomes of the last map of a convolutional network: see ``ConvolutionHead``.
protocol MapSummary {
  /// Numbers that come out.
  var count: Int { get }

  /// From `map` `[frames × bands × channels]` to `summary` `[count]`.
  ///
  /// - Parameter workspace: grows at the first call.
  mutating func apply(to map: Tensor, into summary: inout [Float], workspace: inout [Float])
}

/// All values of the map, in their order.
struct FlattenedMap: MapSummary {
  let count: Int

  init(shape: [Int]) { count = shape.reduce(1, *) }

  mutating func apply(to map: Tensor, into summary: inout [Float], workspace: inout [Float]) {
    for index in summary.indices { summary[index] = map.values[index] }
  }
}

/// A convolution of three taps over the places of the map, all bands of a frame before those of the next, with ReLU. The
/// paper calls it temporal.
struct ConvolvedPlaces: MapSummary {
  var count: Int { output.values.count }

  private let convolution: Convolution
  /// `[places × 1 × channels]`
  private var places: Tensor
  /// `[places × 1 × outputs]`
  private var output: Tensor

  /// Reads `temporal.weight` `[outputs × channels × 3]` and `temporal.bias` `[outputs]`.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, shape: [Int]) throws(Failure) {
    let (count, channels) = (shape[0] * shape[1], shape[2])
    let outputs = try tensors.dimension(
      0, of: "temporal.weight", expecting: "[channels, \(channels), 3]", rank: 3, limit: ConvolutionBlock.channelLimit)
    let weight = try tensors.tensor("temporal.weight", [outputs, channels, 3])
    convolution = Convolution(
      kernel: Tensor(shape: [outputs, channels, 3, 1], values: weight.values).kernelFromOutputFirst(),
      bias: try tensors.vector("temporal.bias", outputs), padding: .sameRows(height: 3))
    places = Tensor(zeros: [count, 1, channels])
    output = Tensor(zeros: [count, 1, outputs])
  }

  mutating func apply(to map: Tensor, into summary: inout [Float], workspace: inout [Float]) {
    places.copyValues(of: map)
    convolution.apply(to: places, into: &output, workspace: &workspace)
    for index in summary.indices { summary[index] = max(0, output.values[index]) }
  }
}

/// Gated recurrent units over the frames of the map, from a state of zeros in each patch: the last state, or the mean of
/// all states by the softmax over time of a number that attention reads off each.
struct RecurrentFrames: MapSummary {
  var count: Int { network.featureCount }

  private var network: GatedRecurrentNetwork
  /// From a state to its score; nil for the last state alone.
  private let attention: Dense?
  private var state: LiveState
  /// Bands and channels of a frame.
  private var frame: [Float]
  /// One for each frame.
  private var states: [[Float]]
  private var score: [Float] = [0]
  private var weights: [Float]

  /// Reads the layers `gru.N` and, if there is to be attention, `attention.weight` `[1 × width]` and `attention.bias`
  /// `[1]`.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, shape: [Int], hasAttention: Bool) throws(Failure) {
    let width = shape[1] * shape[2]
    network = try GatedRecurrentNetwork(tensors, inputCount: width)
    attention = hasAttention ? try tensors.dense("attention", inputs: network.featureCount, outputs: 1) : nil
    state = LiveState(lengths: network.stateLengths)
    frame = Array(repeating: 0, count: width)
    states = Array(repeating: Array(repeating: 0, count: network.featureCount), count: shape[0])
    weights = Array(repeating: 0, count: shape[0])
  }

  mutating func apply(to map: Tensor, into summary: inout [Float], workspace: inout [Float]) {
    state.restart()
    for step in states.indices {
      for index in frame.indices { frame[index] = map.values[step * frame.count + index] }
      network.advance(frame, &state, into: &states[step])
    }
    let last = states.count - 1
    guard let attention else {
      for index in summary.indices { summary[index] = states[last][index] }
      return
    }
    for step in states.indices {
      attention.apply(to: states[step], into: &score)
      weights[step] = score[0]
    }
    Activation.softmax(&weights, count: weights.count)
    for index in summary.indices {
      var sum: Float = 0
      for step in states.indices { sum += weights[step] * states[step][index] }
      summary[index] = sum
    }
  }
}
