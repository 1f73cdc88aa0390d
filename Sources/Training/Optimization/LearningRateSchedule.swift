internal import Glibc

/// How the learning rate changes over the steps of a training.
public enum LearningRateSchedule: Sendable, Equatable {
  case constant
  /// Linearly up from 0 over the first steps, then down to 0 along half a cosine (Loshchilov and Hutter, "SGDR", 2017).
  case cosine(warmUpSteps: Int = 0)
  /// Along half a cosine up to the full rate, then down along another (Smith and Topin, "Super-convergence", 2019),
  /// with the values of PyTorch's OneCycleLR: it begins at 1/`initialDivisor` and ends at 1/`finalDivisor` of that.
  case oneCycle(risingShare: Double = 0.3, initialDivisor: Double = 25, finalDivisor: Double = 10_000)

  /// By what the learning rate is multiplied.
  ///
  /// - Parameters:
  ///   - step: from 0.
  ///   - total: steps of the whole training.
  public func factor(step: Int, of total: Int) -> Double {
    precondition(0 <= step && step < total)
    switch self {
    case .constant: return 1
    case .cosine(let warmUp):
      guard step >= warmUp else { return Double(step + 1) / Double(warmUp + 1) }
      return Self.cosine(from: 1, to: 0, at: Double(step - warmUp) / Double(total - warmUp))
    case .oneCycle(let risingShare, let initialDivisor, let finalDivisor):
      let initial = 1 / initialDivisor
      let (isRising, position) = Self.phase(step: step, of: total, risingShare: risingShare)
      return isRising
        ? Self.cosine(from: initial, to: 1, at: position)
        : Self.cosine(from: 1, to: initial / finalDivisor, at: position)
    }
  }

  /// β₁ of ``Adam`` where the schedule changes it: one cycle lets it fall from 0.95 to 0.85 while the learning rate
  /// rises, and back. Nil otherwise.
  public func firstDecay(step: Int, of total: Int) -> Double? {
    guard case .oneCycle(let risingShare, _, _) = self else { return nil }
    let (isRising, position) = Self.phase(step: step, of: total, risingShare: risingShare)
    return isRising
      ? Self.cosine(from: 0.95, to: 0.85, at: position) : Self.cosine(from: 0.85, to: 0.95, at: position)
  }

  /// Where in the rise or the fall of one cycle a step is, 0 to 1.
  private static func phase(step: Int, of total: Int, risingShare: Double) -> (isRising: Bool, position: Double) {
    // The peak may lie between two steps, and before the first.
    let (peak, last, step) = (risingShare * Double(total) - 1, Double(total - 1), Double(step))
    if step <= peak && peak > 0 { return (true, step / peak) }
    return (false, last > peak ? (step - peak) / (last - peak) : 1)
  }

  private static func cosine(from start: Double, to end: Double, at position: Double) -> Double {
    end + (start - end) / 2 * (1 + cos(.pi * position))
  }
}
