import Affect
import EmotionModel
import Foundation
import NeuralNetwork
import TestSupport

/// Emotion models evaluated over a whole sequence with plain loops, in double precision, from their definitions.
struct PlainEvaluation {
  let model: RandomModel
  /// Steps that a step of the causal transformer sees, if others than the model says.
  var span: Int?

  typealias Vector = [Double]

  struct Output {
    /// Valence and arousal.
    var mean: Vector
    var variance: Vector?
  }

  /// What the ensemble says of each step.
  func outputs(of sequence: [[Float]]) -> [Output] {
    let members = model.prefixes.map { member($0, sequence) }
    return sequence.indices.map { step in
      let outputs = members.map { $0[step] }
      var mean: Vector = [0, 0]
      var secondMoment: Vector = [0, 0]
      for output in outputs {
        for index in 0..<2 {
          mean[index] += output.mean[index] / Double(outputs.count)
          let own = (output.variance?[index] ?? 0) + output.mean[index] * output.mean[index]
          secondMoment[index] += own / Double(outputs.count)
        }
      }
      guard model.isUncertain else { return Output(mean: mean) }
      return Output(mean: mean, variance: (0..<2).map { secondMoment[$0] - mean[$0] * mean[$0] })
    }
  }

  /// Mean and variance of the centroids by the probabilities, which come from solving the equations of the coupling.
  private func quadrants(_ prefix: String, _ features: [Double]) -> Output {
    let decisions = dense(prefix + "pairs", features)
    let (slope, offset) = (vector(prefix + "pairs.slope"), vector(prefix + "pairs.offset"))
    var shares = [[Double]](repeating: Array(repeating: 0, count: 4), count: 4)
    for (pair, classes) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)].enumerated() {
      let share = 1 / (1 + exp(slope[pair] * decisions[pair] + offset[pair]))
      shares[classes.0][classes.1] = share
      shares[classes.1][classes.0] = 1 - share
    }
    // Gradient descent on Σ (r_ji p_i - r_ij p_j)² along the simplex, whose minimum lies inside.
    var probabilities = [Double](repeating: 0.25, count: 4)
    for _ in 0..<20_000 {
      var slopes = [Double](repeating: 0, count: 4)
      for row in 0..<4 {
        for column in 0..<4 {
          let against = shares[column][row]
          let error: Double = against * probabilities[row] - shares[row][column] * probabilities[column]
          slopes[row] += 2 * against * error
        }
      }
      let mean: Double = slopes.reduce(0, +) / 4
      for index in 0..<4 { probabilities[index] -= 0.05 * (slopes[index] - mean) }
    }
    let centroids = vector(prefix + "centroids")
    var (means, variances): (Vector, Vector) = ([0, 0], [0, 0])
    for axis in 0..<2 {
      for (index, probability) in probabilities.enumerated() {
        means[axis] += probability * centroids[2 * index + axis]
      }
      for (index, probability) in probabilities.enumerated() {
        let distance: Double = centroids[2 * index + axis] - means[axis]
        variances[axis] += probability * distance * distance
      }
    }
    return Output(mean: means, variance: variances)
  }

  private func member(_ prefix: String, _ sequence: [[Float]]) -> [Output] {
    let (mean, scale) = (vector(prefix + "normalisation.mean"), vector(prefix + "normalisation.scale"))
    let inputs = sequence.map { step in step.indices.map { (Double(step[$0]) - mean[$0]) / scale[$0] } }
    var output = "output"
    var features = inputs
    switch model.kind {
    case .ridge, .lasso: break
    case .svr, .svm:
      let (vectors, gamma) = (vector(prefix + "support.vectors"), vector(prefix + "support.gamma")[0])
      features = features.map { (input: Vector) -> Vector in
        (0..<vectors.count / input.count).map { (row: Int) -> Double in
          var distance = 0.0
          for (column, value) in input.enumerated() {
            let difference: Double = value - vectors[row * input.count + column]
            distance += difference * difference
          }
          return exp(-gamma * distance)
        }
      }
      if model.kind == .svm { return features.map { quadrants(prefix, $0) } }
    case .forest, .boosting:
      let (threshold, value) = (vector(prefix + "trees.threshold"), vector(prefix + "trees.value"))
      features = features.map { input in
        // The trees of RandomModel: node 0; then node 1, which asks for the last input, and node 2 for the first.
        let leaf = input[input.count - 1] > threshold[1] ? 3 : input[0] > threshold[2] ? 5 : 4
        return [value[0] + value[2 * leaf], value[1] + value[2 * leaf + 1]]
      }
    case .mlp:
      let depth = model.sizes.widths.count
      for layer in 0..<depth {
        features = features.map { dense("\(prefix)layers.\(layer)", $0).map { max(0, $0) } }
      }
      output = "layers.\(depth)"
    case .cnn: features = features.map { convolutions(prefix, $0) }
    case .gru:
      for layer in model.sizes.widths.indices { features = gru("\(prefix)gru.\(layer).", features) }
    case .bilstm:
      for layer in model.sizes.widths.indices {
        let forward = lstm("\(prefix)lstm.\(layer).forward.", features)
        let backward = Array(lstm("\(prefix)lstm.\(layer).backward.", features.reversed()).reversed())
        features = features.indices.map { forward[$0] + backward[$0] }
      }
    case .transformer, .causalTransformer: features = transformer(prefix, features)
    }
    return features.map { feature in
      Output(
        mean: dense(prefix + output, feature),
        variance: model.isUncertain
          ? dense(prefix + "uncertainty", feature).map { exp(min(max($0, -10), 2)) } : nil)
    }
  }

  // MARK: - Layers

  private func vector(_ name: String) -> Vector { model[name].values.map(Double.init) }

  private func dense(_ weight: String, _ bias: String, _ input: Vector) -> Vector {
    let (weight, bias) = (vector(weight), vector(bias))
    return bias.indices.map { row in
      bias[row] + input.indices.map { weight[row * input.count + $0] * input[$0] }.reduce(0, +)
    }
  }

  private func dense(_ name: String, _ input: Vector) -> Vector { dense("\(name).weight", "\(name).bias", input) }

  private func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

  private func gru(_ name: String, _ sequence: [Vector]) -> [Vector] {
    let width = vector("\(name)bias_ih").count / 3
    var hidden = Vector(repeating: 0, count: width)
    return sequence.map { input in
      let x = dense("\(name)weight_ih", "\(name)bias_ih", input)
      let h = dense("\(name)weight_hh", "\(name)bias_hh", hidden)
      hidden = (0..<width).map { index in
        let r = sigmoid(x[index] + h[index])
        let z = sigmoid(x[width + index] + h[width + index])
        let n = tanh(x[2 * width + index] + r * h[2 * width + index])
        return (1 - z) * n + z * hidden[index]
      }
      return hidden
    }
  }

  private func lstm(_ name: String, _ sequence: [Vector]) -> [Vector] {
    let width = vector("\(name)bias_ih").count / 4
    var (hidden, cell) = (Vector(repeating: 0, count: width), Vector(repeating: 0, count: width))
    return sequence.map { input in
      let gates = zip(
        dense("\(name)weight_ih", "\(name)bias_ih", input), dense("\(name)weight_hh", "\(name)bias_hh", hidden)
      ).map { $0 + $1 }
      for index in 0..<width {
        cell[index] =
          sigmoid(gates[width + index]) * cell[index] + sigmoid(gates[index]) * tanh(gates[2 * width + index])
        hidden[index] = sigmoid(gates[3 * width + index]) * tanh(cell[index])
      }
      return hidden
    }
  }

  /// `[frames × bands × channels]`
  private typealias Map = [[Vector]]

  private func convolutions(_ prefix: String, _ input: Vector) -> Vector {
    let sizes = model.sizes
    var map: Map = (0..<sizes.frames).map { frame in (0..<sizes.bands).map { [input[frame * sizes.bands + $0]] } }
    for (block, channels) in sizes.channels.enumerated() {
      map = pooled(gated("\(prefix)se.\(block)", convolved(prefix, block, channels, map)))
    }
    let places: [Vector] = map.flatMap { $0 }
    let summary: Vector
    switch sizes.head {
    case .flatten: summary = places.flatMap { $0 }
    case .temporal: summary = temporal(prefix, places)
    case .gru, .gruAttention:
      let states = gru("\(prefix)gru.0.", map.map { frame in frame.flatMap { $0 } })
      if sizes.head == .gru {
        summary = states[states.count - 1]
      } else {
        let weights = states.map { exp(dense("\(prefix)attention", $0)[0]) }
        let sum = weights.reduce(0, +)
        summary = states[0].indices.map { index in
          zip(weights, states).map { $0 / sum * $1[index] }.reduce(0, +)
        }
      }
    }
    return dense("\(prefix)hidden", summary).map { max(0, $0) }
  }

  /// Convolution, batch normalisation and ReLU.
  private func convolved(_ prefix: String, _ block: Int, _ channels: Int, _ map: Map) -> Map {
    let (weight, bias) = (vector("\(prefix)conv.\(block).weight"), vector("\(prefix)conv.\(block).bias"))
    let parts = ["weight", "bias", "running_mean", "running_var"].map { vector("\(prefix)norm.\(block).\($0)") }
    let inputs = map[0][0].count
    return map.indices.map { frame in
      map[0].indices.map { band in
        (0..<channels).map { channel in
          var sum = bias[channel]
          for (row, column) in (0..<9).map({ ($0 / 3, $0 % 3) }) {
            let (otherFrame, otherBand) = (frame + row - 1, band + column - 1)
            guard map.indices.contains(otherFrame), map[0].indices.contains(otherBand) else { continue }
            for input in 0..<inputs {
              sum += weight[((channel * inputs + input) * 3 + row) * 3 + column] * map[otherFrame][otherBand][input]
            }
          }
          let normalized = (sum - parts[2][channel]) / (parts[3][channel] + 1e-5).squareRoot()
          return max(0, normalized * parts[0][channel] + parts[1][channel])
        }
      }
    }
  }

  private func gated(_ name: String, _ map: Map) -> Map {
    guard model.sizes.hasGates else { return map }
    let places = map.flatMap { $0 }
    let means = places[0].indices.map { channel in places.map { $0[channel] }.reduce(0, +) / Double(places.count) }
    let gates = dense("\(name).expand", dense("\(name).reduce", means).map { max(0, $0) }).map(sigmoid)
    return map.map { $0.map { zip($0, gates).map { $0 * $1 } } }
  }

  private func pooled(_ map: Map) -> Map {
    (0..<map.count / 2).map { frame in
      (0..<map[0].count / 2).map { band in
        map[0][0].indices.map { channel in
          let corners = [(0, 0), (0, 1), (1, 0), (1, 1)].map { map[2 * frame + $0][2 * band + $1][channel] }
          return corners.max() ?? .nan
        }
      }
    }
  }

  private func temporal(_ prefix: String, _ places: [Vector]) -> Vector {
    let (weight, bias) = (vector("\(prefix)temporal.weight"), vector("\(prefix)temporal.bias"))
    let inputs = places[0].count
    return places.indices.flatMap { place in
      bias.indices.map { output in
        var sum = bias[output]
        for tap in 0..<3 where places.indices.contains(place + tap - 1) {
          for input in 0..<inputs {
            sum += weight[(output * inputs + input) * 3 + tap] * places[place + tap - 1][input]
          }
        }
        return max(0, sum)
      }
    }
  }

  private func norm(_ name: String, _ input: Vector) -> Vector {
    let (weight, bias) = (vector("\(name).weight"), vector("\(name).bias"))
    let mean = input.reduce(0, +) / Double(input.count)
    let variance = input.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(input.count)
    return input.indices.map { (input[$0] - mean) / (variance + 1e-5).squareRoot() * weight[$0] + bias[$0] }
  }

  private func transformer(_ prefix: String, _ sequence: [Vector]) -> [Vector] {
    let isCausal = model.kind == .causalTransformer
    let span = span ?? model.sizes.span
    let (width, heads) = (model.sizes.width, model.sizes.heads)
    let headWidth = width / heads
    var steps = sequence.enumerated().map { position, input in
      var step = dense("\(prefix)input", input)
      if !isCausal {
        for index in stride(from: 0, to: width, by: 2) {
          let angle = Double(position) / pow(10_000, Double(index) / Double(width))
          step[index] += sin(angle)
          if index + 1 < width { step[index + 1] += cos(angle) }
        }
      }
      return step
    }
    for block in 0..<model.sizes.blocks {
      let name = "\(prefix)blocks.\(block)"
      let normalized = steps.map { norm("\(name).norm1", $0) }
      func project(_ part: String) -> [Vector] { normalized.map { dense("\(name).attention.\(part)", $0) } }
      let (queries, keys, values) = (project("query"), project("key"), project("value"))
      for step in steps.indices {
        var attended = Vector(repeating: 0, count: width)
        let seen = isCausal ? max(0, step - span + 1)...step : 0...steps.count - 1
        for head in 0..<heads {
          let columns = head * headWidth..<(head + 1) * headWidth
          let slope = pow(2, -8 * Double(head + 1) / Double(heads))
          let weights = seen.map { other in
            exp(
              columns.map { queries[step][$0] * keys[other][$0] }.reduce(0, +) / Double(headWidth).squareRoot()
                - (isCausal ? slope * Double(step - other) : 0))
          }
          let sum = weights.reduce(0, +)
          for (weight, other) in zip(weights, seen) {
            for column in columns { attended[column] += weight / sum * values[other][column] }
          }
        }
        steps[step] = zip(steps[step], dense("\(name).attention.output", attended)).map { $0 + $1 }
        let hidden = dense("\(name).feedforward.0", norm("\(name).norm2", steps[step])).map {
          $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot()))
        }
        steps[step] = zip(steps[step], dense("\(name).feedforward.1", hidden)).map { $0 + $1 }
      }
    }
    return steps.map { norm("\(prefix)norm", $0) }
  }
}

extension PlainEvaluation.Output {
  /// The largest difference from `prediction`: of valence, arousal and their standard deviations.
  func difference(from prediction: EmotionPrediction) -> Double {
    func clipped(_ value: Double) -> Double { min(max(value, -1), 1) }
    var differences = [
      abs(Double(prediction.affect.valence) - clipped(mean[0])),
      abs(Double(prediction.affect.arousal) - clipped(mean[1])),
    ]
    switch (variance, prediction.valenceDeviation, prediction.arousalDeviation) {
    case (let variance?, let valence?, let arousal?):
      differences.append(abs(Double(valence) - variance[0].squareRoot()))
      differences.append(abs(Double(arousal) - variance[1].squareRoot()))
    case (nil, nil, nil): break
    default: return .infinity
    }
    // NaN must not pass as small.
    return differences.allSatisfy(\.isFinite) ? differences.max() ?? .infinity : .infinity
  }
}
