internal import Glibc

/// How well pitch classes fit the keys: their correlation with the profile of each of the 24, which says how much each
/// degree of the scale belongs to it (Krumhansl, "Cognitive foundations of musical pitch", 1990; the profiles are those
/// of Temperley, "What's key for key? The Krumhansl-Schmuckler key-finding algorithm reconsidered", 1999).
public enum KeyProfiles {
  /// From the tonic upwards in semitones.
  public static let major: [Float] = [5, 2, 3.5, 2, 4.5, 4, 2, 4.5, 2, 3.5, 1.5, 4]
  public static let minor: [Float] = [5, 2, 3.5, 4.5, 2, 4, 2, 4.5, 3.5, 2, 1.5, 4]

  /// Weighs the better keys of a mode more than the others: a correlation counts as the exponential of so many times it.
  private static let sharpness: Float = 8

  private static let majorDeviations = normalized(major)
  private static let minorDeviations = normalized(minor)

  /// - Parameter classes: `[12]`, not negative.
  /// - Returns: `mode`, above 0 for major and below for minor, about -2...2: the logarithm of the ratio of what the
  ///   major keys and what the minor keys come to. `clarity`, -1...1: the correlation with the best key. Both are 0
  ///   where all pitch classes are equally strong, as in silence.
  public static func fit(_ classes: [Float]) -> (mode: Float, clarity: Float) {
    precondition(classes.count == 12)
    // Few loud notes shall not hide the others.
    let mean = classes.reduce(0, +) / 12
    let deviations = normalized(classes.map { log1p($0 / (mean + 1e-9)) })
    var (majorSum, minorSum, clarity) = (Float(0), Float(0), -Float.infinity)
    for tonic in 0..<12 {
      var (major, minor) = (Float(0), Float(0))
      for degree in 0..<12 {
        let value = deviations[(tonic + degree) % 12]
        major += value * majorDeviations[degree]
        minor += value * minorDeviations[degree]
      }
      majorSum += exp(sharpness * major)
      minorSum += exp(sharpness * minor)
      clarity = max(clarity, major, minor)
    }
    return (log(majorSum / minorSum), clarity)
  }

  /// The deviations from the mean, divided by their norm; zeros if there are none.
  private static func normalized(_ values: [Float]) -> [Float] {
    let mean = values.reduce(0, +) / Float(values.count)
    let deviations = values.map { $0 - mean }
    let norm = deviations.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return deviations.map { norm > 1e-6 ? $0 / norm : 0 }
  }
}
