extension Variable {
  /// Multiplies each channel of each map by a number: `[batch × … × channels]` by `[batch × channels]`.
  public func scaledChannels(by factors: Variable) -> Variable {
    let (batch, channels) = (shape[0], value.channels)
    precondition(shape.count >= 2 && factors.shape == [batch, channels], "\(factors.shape) is no factor a channel")
    let maps = ChannelMaps(batch: batch, places: value.count / (batch * channels), channels: channels)
    let (input, scales) = (value, factors.value)
    let product = DenseTensor<Scalar>(shape: shape) {
      maps.multiply(input.values, by: scales.values, into: $0)
    }
    return Variable(product, from: [self, factors]) { gradient in
      self.accumulate(
        DenseTensor(shape: input.shape) { maps.multiply(gradient.values, by: scales.values, into: $0) })
      factors.withGradient { maps.addProducts(gradient.values, input.values, to: $0) }
    }
  }
}

/// Maps `[batch × places × channels]`, and the loops over their channels.
private struct ChannelMaps {
  let batch, places, channels: Int

  /// `result = values × factors`
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func multiply<Scalar: TrainingScalar>(
    _ values: UnsafePointer<Scalar>, by factors: UnsafePointer<Scalar>, into result: UnsafeMutablePointer<Scalar>
  ) {
    for map in 0..<batch {
      let factors = factors + map * channels
      for place in 0..<places {
        let start = (map * places + place) * channels
        for channel in 0..<channels { result[start + channel] = values[start + channel] * factors[channel] }
      }
    }
  }

  /// Adds the sums over the places of `left × right` to `sums` `[batch × channels]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func addProducts<Scalar: TrainingScalar>(
    _ left: UnsafePointer<Scalar>, _ right: UnsafePointer<Scalar>, to sums: UnsafeMutablePointer<Scalar>
  ) {
    for map in 0..<batch {
      let sums = sums + map * channels
      for place in 0..<places {
        let start = (map * places + place) * channels
        for channel in 0..<channels { sums[channel] += left[start + channel] * right[start + channel] }
      }
    }
  }
}
