package import Affect

/// The quadrant with a dead band: a value changes its side only when it is clearly past zero, so that one that hovers
/// there does not flicker.
package struct QuadrantDetector: Sendable {
  /// Half the width of the band.
  var deadBand: Float

  private var isPositive: Bool?
  private var isExcited: Bool?

  package init(deadBand: Float) {
    self.deadBand = deadBand
  }

  package mutating func quadrant(of affect: Affect) -> Quadrant {
    let isPositive = side(of: affect.valence, before: isPositive)
    let isExcited = side(of: affect.arousal, before: isExcited)
    (self.isPositive, self.isExcited) = (isPositive, isExcited)
    return Quadrant(isPositive: isPositive, isExcited: isExcited)
  }

  private func side(of value: Float, before: Bool?) -> Bool {
    guard let before else { return value >= 0 }
    return before ? value >= -deadBand : value > deadBand
  }
}
