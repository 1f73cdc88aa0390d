internal import Glibc

/// Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019), with
/// the steps that PyTorch takes.
public struct Adam<Scalar: TrainingScalar> {
  public enum WeightDecay: Sendable {
    /// λ θ is added to the gradient: the penalty λ/2 |θ|² as Adam sees it.
    case penalty
    /// θ shrinks by the learning rate times λ at each step, whatever the gradient: AdamW.
    case decoupled
  }

  public let groups: [ParameterGroup<Scalar>]
  public let weightDecay: WeightDecay
  /// Decay of the average of the gradients (β₁) and of that of their squares (β₂).
  public let decays: (first: Double, second: Double)
  public let epsilon: Double

  /// For each parameter in order.
  private var moments: [Moments]

  private struct Moments {
    var steps = 0
    var first: [Scalar]
    var second: [Scalar]
  }

  public init(
    _ groups: [ParameterGroup<Scalar>], weightDecay: WeightDecay = .decoupled, decays: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8
  ) {
    self.groups = groups
    self.weightDecay = weightDecay
    self.decays = decays
    self.epsilon = epsilon
    moments = groups.flatMap(\.parameters).map {
      let zeros = [Scalar](repeating: 0, count: $0.variable.value.count)
      return Moments(first: zeros, second: zeros)
    }
  }

  public var parameters: [Parameter<Scalar>] { groups.flatMap(\.parameters) }

  /// Changes the parameters by their gradients and forgets these. Parameters without a gradient stay as they are.
  ///
  /// - Parameters:
  ///   - learningRate: for this step, before the groups' factors.
  ///   - firstDecay: β₁ for this step, for schedules that change it.
  public mutating func step(learningRate: Double, firstDecay: Double? = nil) {
    var index = 0
    for group in groups {
      for parameter in group.parameters {
        if let gradient = parameter.variable.gradient {
          update(
            parameter.variable, gradient, &moments[index], rate: learningRate * group.learningRateFactor,
            decay: group.weightDecay, firstDecay: firstDecay ?? decays.first)
          parameter.variable.gradient = nil
        }
        index += 1
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func update(
    _ variable: Variable<Scalar>, _ gradient: DenseTensor<Scalar>, _ moments: inout Moments, rate: Double,
    decay: Double, firstDecay: Double
  ) {
    moments.steps += 1
    let count = gradient.count
    let (beta1, beta2) = (Scalar(firstDecay), Scalar(decays.second))
    let stepSize = Scalar(rate / (1 - pow(firstDecay, Double(moments.steps))))
    let correction = Scalar(1 / (1 - pow(decays.second, Double(moments.steps))).squareRoot())
    let epsilon = Scalar(epsilon)
    let penalty = weightDecay == .penalty ? Scalar(decay) : 0
    let shrinkage = weightDecay == .decoupled ? Scalar(1 - rate * decay) : 1
    variable.value.withMutablePointer { values in
      gradient.withPointer { gradient in
        moments.first.withUnsafeMutableBufferPointer { first in
          moments.second.withUnsafeMutableBufferPointer { second in
            for index in 0..<count {
              let slope = gradient[index] + penalty * values[index]
              let mean = beta1 * first[index] + (1 - beta1) * slope
              let meanSquare = beta2 * second[index] + (1 - beta2) * slope * slope
              first[index] = mean
              second[index] = meanSquare
              let denominator = meanSquare.squareRoot() * correction + epsilon
              values[index] = values[index] * shrinkage - stepSize * mean / denominator
            }
          }
        }
      }
    }
  }
}

/// Parameters that are trained alike.
public struct ParameterGroup<Scalar: TrainingScalar> {
  public let parameters: [Parameter<Scalar>]
  /// By what the learning rate is multiplied here.
  public let learningRateFactor: Double
  /// λ of the penalty on large weights, see ``Adam/WeightDecay``.
  public let weightDecay: Double

  public init(_ parameters: [Parameter<Scalar>], learningRateFactor: Double = 1, weightDecay: Double = 0) {
    precondition(learningRateFactor >= 0 && weightDecay >= 0)
    self.parameters = parameters
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
  }
}
