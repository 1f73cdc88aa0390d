/// Batch normalisation at inference: a scale and an offset for each channel (Ioffe and Szegedy, 2015),
/// `y = gamma (x - mean) / sqrt(variance + epsilon) + beta`.
public struct BatchNormalization: Sendable {
  public let scale: [Float]
  public let offset: [Float]

  /// - Precondition: as many offsets as scales.
  public init(scale: [Float], offset: [Float]) {
    precondition(scale.count == offset.count)
    self.scale = scale
    self.offset = offset
  }

  public init(gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Float) {
    precondition(gamma.count == beta.count && beta.count == mean.count && mean.count == variance.count)
    let scale = zip(gamma, variance).map { gamma, variance in gamma / (variance + epsilon).squareRoot() }
    self.scale = scale
    offset = beta.indices.map { beta[$0] - mean[$0] * scale[$0] }
  }

  /// Normalises `tensor` in place, along its last dimension.
  public func apply(to tensor: inout Tensor) {
    let channels = scale.count
    precondition(tensor.channels == channels)
    tensor.values.withUnsafeMutableBufferPointer { values in
      scale.withUnsafeBufferPointer { scale in
        offset.withUnsafeBufferPointer { offset in
          for start in stride(from: 0, to: values.count, by: channels) {
            for channel in 0..<channels {
              values[start + channel] = values[start + channel] * scale[channel] + offset[channel]
            }
          }
        }
      }
    }
  }
}
