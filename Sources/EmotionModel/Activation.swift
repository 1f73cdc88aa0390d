internal import Glibc

/// The functions between layers.
enum Activation {
  static func sigmoid(_ value: Float) -> Float { 1 / (1 + exp(-value)) }

  /// Gaussian error linear unit, in its exact form (Hendrycks and Gimpel, 2016): x times the probability that a normal
  /// number lies below it.
  static func gelu(_ value: Float) -> Float { 0.5 * value * (1 + erf(value * Float(0.5).squareRoot())) }

  /// Softmax: turns the first `count` of `scores` into weights that add up to 1.
  static func softmax(_ scores: inout [Float], count: Int) {
    var largest = -Float.infinity
    for index in 0..<count { largest = max(largest, scores[index]) }
    var sum: Float = 0
    for index in 0..<count {
      scores[index] = exp(scores[index] - largest)
      sum += scores[index]
    }
    for index in 0..<count { scores[index] /= sum }
  }
}
