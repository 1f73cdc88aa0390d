internal import CLibSVM
package import EmotionModel
package import NeuralNetwork
internal import Platform

/// The training of support vector machines by libsvm (Chang and Lin, "LIBSVM: a library for support vector machines",
/// 2011). The kernels are computed once for all settings and targets.
package struct SupportVectorTraining {
  package let samples: Samples
  private let seed: UInt64
  /// Squared distances between samples, `[samples × samples]`.
  private let distances: [Double]
  /// Variance of all inputs of all samples together.
  private let variance: Double

  /// More would take gigabytes.
  package static let sampleLimit = 4096

  /// - Parameter seed: of the parts that probabilities are found with.
  package init(_ samples: Samples, seed: UInt64) {
    precondition(samples.count > 0 && samples.count <= Self.sampleLimit)
    self.samples = samples
    self.seed = seed
    distances = Self.distances(samples)
    let count = Double(max(1, samples.inputs.count))
    let mean = samples.inputs.reduce(0.0) { $0 + Double($1) } / count
    variance = max(1e-9, samples.inputs.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count)
  }

  /// γ that a setting comes to with these samples.
  package func gamma(_ settings: SupportVectorSettings) -> Float {
    Float(settings.gamma ?? settings.gammaFactor / (Double(samples.width) * variance))
  }

  // MARK: - Regression

  /// A machine for valence and one for arousal, on the same support vectors.
  package struct Regression {
    package let machine: KernelMachine
    package let output: Dense

    package func values(of input: [Float]) -> [Float] {
      var values: [Float] = [0, 0]
      output.apply(to: machine.kernels(of: input), into: &values)
      return values
    }
  }

  package func regression(_ settings: SupportVectorSettings) -> Regression {
    let gamma = gamma(settings)
    let all = Array(0..<samples.count)
    let rows = KernelRows(distances, of: all, count: samples.count, gamma: Double(gamma))
    var coefficients = [[Float]](repeating: Array(repeating: 0, count: samples.count), count: 2)
    var offsets: [Float] = [0, 0]
    for output in 0..<2 {
      let targets = samples.targets.map { Double($0[output]) }
      let mean = targets.reduce(0, +) / Double(targets.count)
      let deviation = (targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(targets.count)).squareRoot()
      var parameters = Self.parameters(settings, EPSILON_SVR)
      parameters.p = settings.tube * deviation
      let machine = rows.train(targets, parameters)
      for (index, coefficient) in machine.coefficients[0] { coefficients[output][index] = Float(coefficient) }
      offsets[output] = Float(-machine.rho[0])
    }
    let used = all.filter { coefficients[0][$0] != 0 || coefficients[1][$0] != 0 }
    // A machine whose errors all lie in the tube has no support vector: its offset says all.
    let vectors = used.isEmpty ? [0] : used
    return Regression(
      machine: KernelMachine(vectors: self.vectors(vectors), gamma: gamma),
      output: Dense(
        weight: Tensor(shape: [2, vectors.count], values: coefficients.flatMap { own in vectors.map { own[$0] } }),
        bias: offsets))
  }

  // MARK: - Quadrants

  /// A machine for each pair of quadrants, on the same support vectors.
  package struct Classification {
    package let machine: KernelMachine
    /// `[6 × vectors]`, for the pairs 12, 13, 14, 23, 24, 34; above 0 for the first.
    package let pairs: Dense

    package func decisions(of input: [Float]) -> [Float] {
      var values = [Float](repeating: 0, count: PairwiseProbabilities.pairCount)
      pairs.apply(to: machine.kernels(of: input), into: &values)
      return values
    }
  }

  package func classification(_ settings: SupportVectorSettings) -> Classification {
    let gamma = gamma(settings)
    let machine = pairs(settings, gamma, of: Array(0..<samples.count))
    let used = (0..<samples.count).filter { index in machine.weights.contains { $0[index] != 0 } }
    let vectors = used.isEmpty ? [0] : used
    return Classification(
      machine: KernelMachine(vectors: self.vectors(vectors), gamma: gamma),
      pairs: Dense(
        weight: Tensor(
          shape: [PairwiseProbabilities.pairCount, vectors.count],
          values: machine.weights.flatMap { own in vectors.map { Float(own[$0]) } }),
        bias: machine.offsets.map { Float($0) }))
  }

  /// The logistic curve of each pair, on decisions about samples that the machines were not trained on: whole songs are
  /// left out, a fifth at a time.
  package func probabilities(_ settings: SupportVectorSettings) -> PairwiseProbabilities {
    let gamma = Double(gamma(settings))
    let parts = samples.parts(Self.probabilityParts, seed: seed)
    var claims = [[LogisticLikelihood.Sample]](repeating: [], count: PairwiseProbabilities.pairCount)
    for part in 0..<Self.probabilityParts {
      let others = parts.indices.filter { parts[$0] != part }
      let own = parts.indices.filter { parts[$0] == part }
      guard !others.isEmpty, !own.isEmpty else { continue }
      let machine = pairs(settings, Float(gamma), of: others)
      for index in own {
        let quadrant = samples.quadrant(index)
        for (pair, classes) in Self.pairs.enumerated() where classes.0 == quadrant || classes.1 == quadrant {
          let decision = others.reduce(machine.offsets[pair]) { sum, other in
            let weight = machine.weights[pair][other]
            guard weight != 0 else { return sum }
            return sum + weight * Double.exponential(-gamma * distances[index * samples.count + other])
          }
          claims[pair].append(.init(logit: decision, outcome: classes.0 == quadrant ? 1 : 0, weight: 1))
        }
      }
    }
    let curves = claims.map { $0.isEmpty ? (slope: 1, offset: 0) : LogisticLikelihood($0).maximum() }
    return PairwiseProbabilities(
      slopes: curves.map { Float(-max(0, $0.slope)) }, offsets: curves.map { Float(-$0.offset) })
  }

  private static let probabilityParts = 5
  private static let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]

  /// The machines of the pairs, trained on some samples: weights of all samples, `[6 × samples]`, 0 for the others.
  private func pairs(
    _ settings: SupportVectorSettings, _ gamma: Float, of indices: [Int]
  ) -> (weights: [[Double]], offsets: [Double]) {
    var weights = [[Double]](repeating: Array(repeating: 0, count: samples.count), count: Self.pairs.count)
    var offsets = [Double](repeating: 0, count: Self.pairs.count)
    for (pair, classes) in Self.pairs.enumerated() {
      let own = indices.filter { [classes.0, classes.1].contains(samples.quadrant($0)) }
      let first = own.count { samples.quadrant($0) == classes.0 }
      guard first > 0, first < own.count else {
        // Only one of the two was ever seen, or none.
        offsets[pair] = own.isEmpty ? 0 : first > 0 ? 1 : -1
        continue
      }
      // The first class first: libsvm takes it as the positive one.
      let sorted = own.filter { samples.quadrant($0) == classes.0 } + own.filter { samples.quadrant($0) == classes.1 }
      let rows = KernelRows(distances, of: sorted, count: samples.count, gamma: Double(gamma))
      let machine = rows.train(
        sorted.map { samples.quadrant($0) == classes.0 ? 1 : -1 }, Self.parameters(settings, C_SVC))
      for (index, coefficient) in machine.coefficients[0] { weights[pair][sorted[index]] = coefficient }
      offsets[pair] = -machine.rho[0]
    }
    return (weights, offsets)
  }

  // MARK: - libsvm

  private static func parameters(_ settings: SupportVectorSettings, _ type: some BinaryInteger) -> svm_parameter {
    var parameters = svm_parameter()
    parameters.svm_type = Int32(type)
    parameters.kernel_type = Int32(PRECOMPUTED)
    parameters.C = settings.cost
    parameters.eps = settings.tolerance
    parameters.cache_size = 64
    parameters.shrinking = 1
    return parameters
  }

  private func vectors(_ indices: [Int]) -> Tensor {
    Tensor(shape: [indices.count, samples.width], values: indices.flatMap { samples.input($0) })
  }

  private static func distances(_ samples: Samples) -> [Double] {
    let (count, width) = (samples.count, samples.width)
    var result = [Double](repeating: 0, count: count * count)
    samples.inputs.withUnsafeBufferPointer { inputs in
      for row in 0..<count {
        for column in 0..<row {
          var sum = SIMD4<Double>.zero
          var rest = 0.0
          var index = 0
          while index + 4 <= width {
            var difference = SIMD4<Double>.zero
            for lane in 0..<4 {
              difference[lane] =
                Double(inputs[row * width + index + lane]) - Double(inputs[column * width + index + lane])
            }
            sum += difference * difference
            index += 4
          }
          while index < width {
            let difference = Double(inputs[row * width + index]) - Double(inputs[column * width + index])
            rest += difference * difference
            index += 1
          }
          result[row * count + column] = sum.sum() + rest
          result[column * count + row] = result[row * count + column]
        }
      }
    }
    return result
  }
}

/// The Gaussian kernels between some samples as libsvm takes kernels that are known: a row for each, which begins with its
/// own number from 1.
private final class KernelRows {
  private var nodes: [svm_node]
  private let count: Int

  init(_ distances: [Double], of indices: [Int], count total: Int, gamma: Double) {
    count = indices.count
    nodes = []
    nodes.reserveCapacity(count * (count + 2))
    for (number, row) in indices.enumerated() {
      nodes.append(svm_node(index: 0, value: Double(number + 1)))
      for (column, other) in indices.enumerated() {
        nodes.append(
          svm_node(index: Int32(column + 1), value: Double.exponential(-gamma * distances[row * total + other])))
      }
      nodes.append(svm_node(index: -1, value: 0))
    }
  }

  /// libsvm tells its progress on standard output unless it is told once not to.
  private static let silenced: Void = svm_set_print_string_function { _ in }

  struct Machine {
    /// For each two classes, or the one regression, of each support vector: its place among the samples, from 0.
    let coefficients: [[(index: Int, coefficient: Double)]]
    let rho: [Double]
  }

  func train(_ targets: [Double], _ parameters: svm_parameter) -> Machine {
    precondition(targets.count == count)
    _ = Self.silenced
    var (targets, parameters) = (targets, parameters)
    return nodes.withUnsafeMutableBufferPointer { nodes in
      let first = nodes.baseAddress!  // there is a row
      var rows: [UnsafeMutablePointer<svm_node>?] = (0..<count).map { first + $0 * (count + 2) }
      return rows.withUnsafeMutableBufferPointer { rows in
        targets.withUnsafeMutableBufferPointer { targets in
          var problem = svm_problem(l: Int32(count), y: targets.baseAddress, x: rows.baseAddress)
          var model = svm_train(&problem, &parameters)
          defer { svm_free_and_destroy_model(&model) }
          guard let trained = model?.pointee else { return Machine(coefficients: [[]], rho: [0]) }
          let coefficients = (0..<Int(trained.l)).map { number in
            (index: Int(trained.sv_indices[number]) - 1, coefficient: trained.sv_coef[0]![number])  // libsvm fills it
          }
          return Machine(coefficients: [coefficients], rho: [trained.rho[0]])
        }
      }
    }
  }
}
