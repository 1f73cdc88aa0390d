internal import Glibc

/// The roots of a polynomial with real coefficients, all at once (Aberth, "Iteration methods for finding all zeros of a
/// polynomial simultaneously", 1973).
package struct PolynomialRoots {
  /// After ``find(_:)``, `[degree]`, in no order.
  package private(set) var roots: [Complex]

  /// A number of the plane.
  package struct Complex {
    package var real: Double
    package var imaginary: Double

    package var magnitude: Double { hypot(real, imaginary) }
    package var angle: Double { atan2(imaginary, real) }

    static func + (left: Complex, right: Complex) -> Complex {
      Complex(real: left.real + right.real, imaginary: left.imaginary + right.imaginary)
    }
    static func - (left: Complex, right: Complex) -> Complex {
      Complex(real: left.real - right.real, imaginary: left.imaginary - right.imaginary)
    }
    static func * (left: Complex, right: Complex) -> Complex {
      Complex(
        real: left.real * right.real - left.imaginary * right.imaginary,
        imaginary: left.real * right.imaginary + left.imaginary * right.real)
    }
    static func / (left: Complex, right: Complex) -> Complex {
      let scale = 1 / (right.real * right.real + right.imaginary * right.imaginary)
      return Complex(
        real: (left.real * right.real + left.imaginary * right.imaginary) * scale,
        imaginary: (left.imaginary * right.real - left.real * right.imaginary) * scale)
    }
  }

  private static let rounds = 60

  /// - Parameter degree: at least 1.
  package init(degree: Int) {
    roots = Array(repeating: Complex(real: 0, imaginary: 0), count: degree)
  }

  /// - Parameter coefficients: `[degree]`, those of `z^degree + coefficients[0] z^(degree - 1) + ...`.
  package mutating func find(_ coefficients: [Double]) {
    let degree = roots.count
    precondition(coefficients.count == degree)
    for index in roots.indices {
      // Not symmetric about the real axis, or the roots could not leave it.
      let angle = 2 * Double.pi * (Double(index) + 0.25) / Double(degree)
      roots[index] = Complex(real: 0.9 * cos(angle), imaginary: 0.9 * sin(angle))
    }
    for _ in 0..<Self.rounds {
      var largest = 0.0
      for index in roots.indices {
        let root = roots[index]
        var value = Complex(real: 1, imaginary: 0)
        var slope = Complex(real: 0, imaginary: 0)
        for coefficient in coefficients {
          slope = slope * root + value
          value = value * root
          value.real += coefficient
        }
        guard value.magnitude > 1e-300 else { continue }
        // Newton's step, away from the other roots.
        var repulsion = Complex(real: 0, imaginary: 0)
        let one = Complex(real: 1, imaginary: 0)
        for other in roots.indices where other != index {
          let distance = root - roots[other]
          if distance.magnitude > 1e-300 { repulsion = repulsion + one / distance }
        }
        let step = one / (slope / value - repulsion)
        guard step.real.isFinite, step.imaginary.isFinite else { continue }
        roots[index] = root - step
        largest = max(largest, step.magnitude)
      }
      if largest < 1e-10 { return }
    }
  }
}
