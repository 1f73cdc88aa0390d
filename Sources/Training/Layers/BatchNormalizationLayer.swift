/// Batch normalisation along the last dimension (Ioffe and Szegedy, 2015), by the statistics of the batch in training
/// and by their running averages otherwise.
public struct BatchNormalizationLayer<Scalar: TrainingScalar>: Layer {
  /// `[channels]`, gamma.
  public let scale: Variable<Scalar>
  /// `[channels]`, beta.
  public let offset: Variable<Scalar>
  /// Running average of the batches' means, `[channels]`.
  public let mean: Variable<Scalar>
  /// Running average of the batches' variances, divided by the number of samples less one, `[channels]`.
  public let variance: Variable<Scalar>
  public let epsilon: Scalar
  /// Share of the newest batch in the running averages.
  public let momentum: Scalar
  /// Keeps the running averages as they are and uses them in training, too.
  public var hasFrozenStatistics: Bool

  /// Scale 1, offset 0, mean 0 and variance 1.
  public init(_ channels: Int, epsilon: Scalar = 1e-5, momentum: Scalar = 0.1) {
    self.init(
      scale: DenseTensor(repeating: 1, shape: [channels]), offset: DenseTensor(zeros: [channels]),
      mean: DenseTensor(zeros: [channels]), variance: DenseTensor(repeating: 1, shape: [channels]),
      epsilon: epsilon, momentum: momentum)
  }

  /// From parameters and averages that are there, `[channels]` each.
  public init(
    scale: DenseTensor<Scalar>, offset: DenseTensor<Scalar>, mean: DenseTensor<Scalar>, variance: DenseTensor<Scalar>,
    epsilon: Scalar, momentum: Scalar = 0.1, hasFrozenStatistics: Bool = false
  ) {
    precondition(scale.shape.count == 1 && [offset, mean, variance].allSatisfy { $0.shape == scale.shape })
    self.scale = Variable(scale, needsGradient: true)
    self.offset = Variable(offset, needsGradient: true)
    self.mean = Variable(mean)
    self.variance = Variable(variance)
    self.epsilon = epsilon
    self.momentum = momentum
    self.hasFrozenStatistics = hasFrozenStatistics
  }

  public var parameters: [Parameter<Scalar>] { [Parameter("weight", scale), Parameter("bias", offset)] }

  public var state: [Parameter<Scalar>] { [Parameter("running_mean", mean), Parameter("running_var", variance)] }

  /// - Precondition: in training with unfrozen statistics, the batch holds at least two samples.
  public func apply(to input: Variable<Scalar>, pass: Pass) -> Variable<Scalar> {
    guard pass.isTraining && !hasFrozenStatistics else {
      return input.normalized(
        mean: mean.value, variance: variance.value, epsilon: epsilon, scale: scale, offset: offset)
    }
    let samples = input.value.count / scale.value.count
    precondition(samples > 1, "one sample has no variance")
    let result = input.batchNormalized(epsilon: epsilon, scale: scale, offset: offset)
    let correction = Scalar(samples) / Scalar(samples - 1)
    for (average, newest, factor) in [(mean, result.mean, 1), (variance, result.variance, correction)] {
      average.value.update { values in
        for index in values.indices {
          values[index] += momentum * (newest.values[index] * factor - values[index])
        }
      }
    }
    return result.normalized
  }
}
