internal import NeuralNetwork
internal import Platform

/// Gates of channels: each channel of a map is multiplied by a number from 0 to 1 that follows from the means of all
/// channels (Hu, Shen and Sun, "Squeeze-and-excitation networks", 2018).
struct SqueezeExcitation {
  /// `[narrow × channels]`, ReLU behind it.
  private let reduce: Dense
  /// `[channels × narrow]`, the logistic function behind it.
  private let expand: Dense

  private var sums: [Double]
  private var means: [Float]
  private var narrow: [Float]
  private var gates: [Float]

  /// Reads `NAME.reduce` and `NAME.expand`, `.weight` and `.bias` of each.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape.
  init(_ tensors: ModelTensors, _ name: String, channels: Int) throws(Failure) {
    let width = try tensors.dimension(0, of: "\(name).reduce.weight", expecting: "[width, \(channels)]", rank: 2)
    reduce = try tensors.dense("\(name).reduce", inputs: channels, outputs: width)
    expand = try tensors.dense("\(name).expand", inputs: width, outputs: channels)
    sums = Array(repeating: 0, count: channels)
    means = Array(repeating: 0, count: channels)
    narrow = Array(repeating: 0, count: width)
    gates = means
  }

  /// Changes `map` `[frames × bands × channels]` in place.
  mutating func apply(to map: inout Tensor) {
    squeeze(map)
    reduce.apply(to: means, into: &narrow)
    for index in narrow.indices { narrow[index] = max(0, narrow[index]) }
    expand.apply(to: narrow, into: &gates)
    for channel in gates.indices { gates[channel] = Activation.sigmoid(gates[channel]) }
    map.fill { values in
      for start in stride(from: 0, to: values.count, by: gates.count) {
        for channel in gates.indices { values[start + channel] *= gates[channel] }
      }
    }
  }

  /// The mean of each channel.
  private mutating func squeeze(_ map: Tensor) {
    let channels = sums.count
    for channel in sums.indices { sums[channel] = 0 }
    for start in stride(from: 0, to: map.values.count, by: channels) {
      for channel in sums.indices { sums[channel] += Double(map.values[start + channel]) }
    }
    let places = Double(map.values.count / channels)
    for channel in sums.indices { means[channel] = Float(sums[channel] / places) }
  }
}
