internal import Glibc
internal import NeuralNetwork
internal import Platform

/// A transformer encoder (Vaswani et al., "Attention is all you need", 2017): each step sees all others. The steps' places
/// are known by sine waves that are added to them.
struct Transformer: OfflineNetwork {
  var featureCount: Int { layers.width }

  private let layers: TransformerLayers

  init(_ tensors: ModelTensors, inputCount: Int) throws(Failure) {
    layers = try TransformerLayers(tensors, inputCount: inputCount)
  }

  func features(of sequence: [[Float]]) -> [[Float]] {
    var steps = sequence.indices.map { position in
      var step = [Float](repeating: 0, count: layers.width)
      layers.input.apply(to: sequence[position], into: &step)
      for index in step.indices { step[index] += Self.position(position, index, width: layers.width) }
      return step
    }
    var blocks = layers.blocks
    for index in blocks.indices { apply(&blocks[index], to: &steps) }
    for index in steps.indices {
      let step = steps[index]
      layers.norm.apply(to: step, into: &steps[index])
    }
    return steps
  }

  /// The wave `index` at step `position`: sines and cosines in turn, whose wavelengths rise from 2 π to 20,000 π.
  private static func position(_ position: Int, _ index: Int, width: Int) -> Float {
    let angle = Double(position) / pow(10_000, Double(index - index % 2) / Double(width))
    return Float(index % 2 == 0 ? sin(angle) : cos(angle))
  }

  private func apply(_ block: inout TransformerBlock, to steps: inout [[Float]]) {
    let zeros = [Float](repeating: 0, count: layers.width)
    var queries = steps.map { _ in zeros }
    var (keys, values) = (queries, queries)
    for index in steps.indices {
      block.project(steps[index], query: &queries[index], key: &keys[index], value: &values[index])
    }
    let scale = 1 / Float(layers.headWidth).squareRoot()
    var scores = [Float](repeating: 0, count: steps.count)
    for step in steps.indices {
      var attended = zeros
      for head in 0..<layers.heads {
        let columns = head * layers.headWidth..<(head + 1) * layers.headWidth
        for other in steps.indices {
          var sum: Float = 0
          for column in columns { sum += queries[step][column] * keys[other][column] }
          scores[other] = sum * scale
        }
        Activation.softmax(&scores, count: steps.count)
        for other in steps.indices {
          for column in columns { attended[column] += scores[other] * values[other][column] }
        }
      }
      block.finish(&steps[step], attended: attended)
    }
  }
}
