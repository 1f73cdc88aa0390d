internal import Glibc
internal import NeuralNetwork
internal import Platform

/// A transformer for streams: each step sees itself and the steps before it, `span` of them in all, whose keys and values
/// are kept in a ring. How far back a step lies is told to the attention by what is taken off its score (Press, Smith,
/// Lewis, "Train short, test long: attention with linear biases", 2022), so that the place in the stream does not matter.
struct CausalTransformer: LiveNetwork {
  var featureCount: Int { layers.width }
  /// For each block its keys, and then its values, `[span × width]`.
  var stateLengths: [Int] { Array(repeating: span * layers.width, count: 2 * layers.blocks.count) }

  private var layers: TransformerLayers
  private let span: Int
  /// What a step of distance takes off the score, for each head.
  private let slopes: [Float]

  private var step: [Float]
  private var query: [Float]
  private var key: [Float]
  private var value: [Float]
  private var attended: [Float]
  private var scores: [Float]

  private static let spanLimit = 4096

  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or the metadata lack `heads` or `span`.
  init(_ tensors: ModelTensors, inputCount: Int) throws(Failure) {
    let layers = try TransformerLayers(tensors, inputCount: inputCount)
    self.layers = layers
    span = try tensors.integer("span", in: 1...Self.spanLimit)
    slopes = (0..<layers.heads).map { Float(pow(2, -8 * Double($0 + 1) / Double(layers.heads))) }
    step = Array(repeating: 0, count: layers.width)
    (query, key, value, attended) = (step, step, step, step)
    scores = Array(repeating: 0, count: span)
  }

  mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    layers.input.apply(to: input, into: &step)
    let place = state.steps % span
    state.steps += 1
    for index in layers.blocks.indices {
      layers.blocks[index].project(step, query: &query, key: &key, value: &value)
      for column in 0..<layers.width {
        state.values[2 * index][place * layers.width + column] = key[column]
        state.values[2 * index + 1][place * layers.width + column] = value[column]
      }
      for head in 0..<layers.heads {
        attend(
          head, keys: state.values[2 * index], values: state.values[2 * index + 1], from: place,
          count: min(state.steps, span))
      }
      layers.blocks[index].finish(&step, attended: attended)
    }
    layers.norm.apply(to: step, into: &features)
  }

  /// What the present step draws, in the columns of `head`, from the last `count` steps of the rings, the newest of which
  /// lies at `place`.
  private mutating func attend(_ head: Int, keys: [Float], values: [Float], from place: Int, count: Int) {
    let columns = head * layers.headWidth..<(head + 1) * layers.headWidth
    let scale = 1 / Float(layers.headWidth).squareRoot()
    for distance in 0..<count {
      let start = (place - distance + span) % span * layers.width
      var sum: Float = 0
      for column in columns { sum += query[column] * keys[start + column] }
      scores[distance] = sum * scale - slopes[head] * Float(distance)
    }
    Activation.softmax(&scores, count: count)
    for column in columns { attended[column] = 0 }
    for distance in 0..<count {
      let start = (place - distance + span) % span * layers.width
      for column in columns { attended[column] += scores[distance] * values[start + column] }
    }
  }
}
