package import Affect
internal import Glibc

/// A first-order low-pass over valence and arousal whose cutoff rises with the difference between what comes in and what
/// goes out: calm as long as the two agree, quick once they are apart for a while.
///
/// That the errors of a smoothing steer its constant is Trigg and Leach's idea ("Exponential smoothing with an adaptive
/// response rate", Operational Research Quarterly 18, 1967). Here the error is the distance in the plane of both values,
/// so that they move together, and it is smoothed itself, so that a single odd value opens nothing.
package struct AdaptiveFilter: Sendable {
  package struct Parameters: Sendable, Equatable {
    /// Cutoff while in and out agree, Hz.
    let closedCutoff: Double
    /// Cutoff once they are ``openError`` apart, Hz.
    let openCutoff: Double
    /// Distance up to which they count as agreeing.
    let closedError: Double
    let openError: Double
    /// Time constant of the error's own low-pass, seconds.
    let errorTime: Double

    /// Found on excerpts of held-out songs, cut end to end: docs/models.md, "Following".
    package static let standard = Parameters(
      closedCutoff: 0.025, openCutoff: 2, closedError: 0.2, openError: 0.3, errorTime: 0.6)
  }

  private let parameters: Parameters
  private var value: SIMD2<Double>?
  private var error = SIMD2<Double>(0, 0)

  package init(_ parameters: Parameters = .standard) {
    self.parameters = parameters
  }

  /// The filtered value of `input`, which came `interval` seconds after the one before. The first passes unchanged.
  package mutating func apply(_ input: Affect, interval: Double) -> Affect {
    let point = SIMD2(Double(input.valence), Double(input.arousal))
    guard let before = value else {
      value = point
      return input
    }
    error += (1 - exp(-interval / parameters.errorTime)) * (point - before - error)
    let distance = (error * error).sum().squareRoot()
    let position = (distance - parameters.closedError) / (parameters.openError - parameters.closedError)
    let clipped = min(max(position, 0), 1)
    let opening = clipped * clipped * (3 - 2 * clipped)
    let cutoff = parameters.closedCutoff + opening * (parameters.openCutoff - parameters.closedCutoff)
    let after = before + (1 - exp(-2 * .pi * cutoff * interval)) * (point - before)
    value = after
    return Affect(valence: Float(after.x), arousal: Float(after.y))
  }

  /// Goes on from `affect` as if it had been there for long; from nothing if it is nil.
  package mutating func restart(at affect: Affect?) {
    value = affect.map { SIMD2(Double($0.valence), Double($0.arousal)) }
    error = .zero
  }
}
