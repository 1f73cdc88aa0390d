internal import Affect
internal import EmotionModel

/// What a training for quadrants makes small: the mean of `-log p` of the right one, where p is the softmax of the logits.
package enum QuadrantLoss {
  /// The loss as a single number, with its gradient.
  ///
  /// - Parameters:
  ///   - logits: `[samples × 4]`
  ///   - targets: `[samples × 2]`, whose signs say the quadrant.
  ///   - weights: how much each sample counts, `[samples]`; not all are 0.
  package static func loss(logits: Variable<Float>, targets: [Float], weights: [Float]) -> Variable<Float> {
    let count = weights.count
    precondition(logits.shape == [count, 4] && targets.count == 2 * count)
    let total = Double(weights.reduce(0, +))
    precondition(total > 0, "nothing counts")
    var sum = 0.0
    var slopes = [Float](repeating: 0, count: 4 * count)
    for index in 0..<count where weights[index] > 0 {
      let own = SIMD4<Double>((0..<4).map { Double(logits.value.values[4 * index + $0]) })
      let shares = QuadrantHead.softmax(own)
      let right = Quadrant(of: Affect(valence: targets[2 * index], arousal: targets[2 * index + 1])).rawValue - 1
      let weight = Double(weights[index]) / total
      sum -= weight * Double.logarithm(max(shares[right], 1e-30))
      for lane in 0..<4 {
        slopes[4 * index + lane] = Float(weight * (shares[lane] - (lane == right ? 1 : 0)))
      }
    }
    return Variable(DenseTensor(Float(sum)), from: [logits]) { gradient in
      let factor = gradient.scalar
      logits.accumulate(DenseTensor(shape: [count, 4], values: slopes.map { $0 * factor }))
    }
  }
}
