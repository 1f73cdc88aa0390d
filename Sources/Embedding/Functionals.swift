/// What is said of a descriptor over the frames of a window: single numbers (Eyben and others, "The Geneva minimalistic
/// acoustic parameter set (GeMAPS) for voice research and affective computing", 2016). A frame in which a descriptor is
/// missing holds NaN; of no frames at all, every number is 0.
enum Functionals {
  /// The mean of each frame and its two neighbours, as far as they are there. Missing values stay missing.
  static func smooth(_ values: [Float]) -> [Float] {
    values.indices.map { index in
      guard !values[index].isNaN else { return .nan }
      var (sum, count) = (Float(0), Float(0))
      // The frames at the ends are their own neighbours.
      for near in [max(index - 1, 0), index, min(index + 1, values.count - 1)] where !values[near].isNaN {
        sum += values[near]
        count += 1
      }
      return sum / count
    }
  }

  /// Mean and coefficient of variation: the standard deviation divided by the mean, where that is not 0.
  static func meanAndVariation(_ values: [Float]) -> (mean: Float, variation: Float) {
    let (mean, deviation) = meanAndDeviation(values)
    return (mean, mean == 0 ? deviation : deviation / mean)
  }

  /// Mean and standard deviation.
  static func meanAndDeviation(_ values: [Float]) -> (mean: Float, deviation: Float) {
    guard !values.isEmpty else { return (0, 0) }
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    let square = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)
    return (Float(mean), Float(square.squareRoot()))
  }

  /// The value below which a share of all lies, between two neighbours by a straight line.
  ///
  /// - Parameter sorted: from the smallest on.
  static func percentile(_ share: Double, of sorted: [Float]) -> Float {
    guard !sorted.isEmpty else { return 0 }
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + Float(place - Double(low)) * (sorted[high] - sorted[low])
  }

  /// The turning points of a curve: maxima and minima by turns that differ by a tenth of its range at least, with its ends.
  static func turningPoints(_ values: [Float]) -> [Int] {
    guard let lowest = values.min(), let highest = values.max(), highest > lowest else { return [] }
    let least = 0.1 * (highest - lowest)
    var points = [0]
    func consider(_ index: Int) {
      let last = points[points.count - 1]
      let goesOn =
        points.count > 1
        && (values[last] - values[points[points.count - 2]]) * (values[index] - values[last]) > 0
      if goesOn {
        points[points.count - 1] = index
      } else if abs(values[index] - values[last]) >= least {
        points.append(index)
      }
    }
    for index in 1..<max(values.count - 1, 1) {
      let (before, here, after) = (values[index - 1], values[index], values[index + 1])
      if (here > before && here >= after) || (here < before && here <= after) { consider(index) }
    }
    consider(values.count - 1)
    return points
  }

  /// Lengths of the stretches that are voiced and of those between them, in frames.
  static func segments(_ isVoiced: [Bool]) -> (voiced: [Float], unvoiced: [Float]) {
    var result: (voiced: [Float], unvoiced: [Float]) = ([], [])
    var start = 0
    for index in isVoiced.indices where index + 1 == isVoiced.count || isVoiced[index + 1] != isVoiced[index] {
      let length = Float(index + 1 - start)
      if isVoiced[index] { result.voiced.append(length) } else { result.unvoiced.append(length) }
      start = index + 1
    }
    return result
  }
}
