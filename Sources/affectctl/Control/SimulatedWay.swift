package import Affect
import Glibc
import Platform

/// A way through the plane of valence and arousal that no music made.
package enum SimulatedWay {
  /// Once around, from positive over excited and negative to calm.
  case circle
  /// From corner to corner, with a rest in each: 1 positive and excited, 2, 3 and 4 as the quadrants are numbered.
  case corners
  /// As music might go: drawn to the middle, at random, and smooth.
  case walk(SmoothWalk)
  /// The values of a table at their times, with straight lines between them.
  case table([(time: Double, affect: Affect)])

  /// Distance from the middle, of the circle.
  private static let radius = 0.8
  /// Of the corners, in each direction.
  private static let corner: Float = 0.8

  /// - Parameters:
  ///   - time: seconds from the start. It rises from call to call.
  ///   - period: seconds of a circle, or of all four corners.
  package mutating func affect(at time: Double, period: Double) -> Affect {
    switch self {
    case .circle:
      let angle = 2 * Double.pi * time / period
      return Affect(valence: Float(Self.radius * cos(angle)), arousal: Float(Self.radius * sin(angle)))
    case .corners:
      let position = (time / period).truncatingRemainder(dividingBy: 1) * 4
      let (from, to) = (Self.place(Int(position)), Self.place(Int(position) + 1))
      // Half of the time it rests, half it moves.
      let share = Float(max(0, 2 * (position - position.rounded(.down)) - 1))
      let step = share * share * (3 - 2 * share)
      return Affect(
        valence: from.valence + step * (to.valence - from.valence),
        arousal: from.arousal + step * (to.arousal - from.arousal))
    case .walk(var walk):
      let affect = walk.next(at: time)
      self = .walk(walk)
      return affect
    case .table(let rows):
      guard let next = rows.firstIndex(where: { $0.time > time }) else { return rows[rows.count - 1].affect }
      guard next > 0 else { return rows[0].affect }
      let (before, after) = (rows[next - 1], rows[next])
      let share = Float((time - before.time) / (after.time - before.time))
      return Affect(
        valence: before.affect.valence + share * (after.affect.valence - before.affect.valence),
        arousal: before.affect.arousal + share * (after.affect.arousal - before.affect.arousal))
    }
  }

  /// Seconds that it takes; nil for one without an end.
  package var length: Double? {
    if case .table(let rows) = self { rows[rows.count - 1].time } else { nil }
  }

  private static func place(_ number: Int) -> Affect {
    let signs: [(Float, Float)] = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    let sign = signs[number % 4]
    return Affect(valence: corner * sign.0, arousal: corner * sign.1)
  }
}

/// A random walk whose speed is drawn to nought and whose place is drawn to the middle: a damped spring that is pushed at
/// random (Uhlenbeck and Ornstein, "On the theory of the Brownian motion", 1930).
package struct SmoothWalk {
  private var generator: SeededGenerator
  private var time = 0.0
  private var place = SIMD2<Double>.zero
  private var speed = SIMD2<Double>.zero

  /// Seconds of a step of the integration.
  private static let step = 0.05
  /// 1/s² and 1/s: it swings in some 20 s.
  private static let stiffness = 0.1
  private static let damping = 0.4
  /// Of the pushes, for a standard deviation of 0.45 in place.
  private static let push = 0.45 * (2 * stiffness * damping).squareRoot()

  package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func next(at target: Double) -> Affect {
    while time + Self.step <= target {
      time += Self.step
      let noise = SIMD2(normal(), normal()) * (Self.push * Self.step.squareRoot())
      speed += (-Self.stiffness * place - Self.damping * speed) * Self.step + noise
      place += speed * Self.step
    }
    return Affect(valence: Float(place.x), arousal: Float(place.y))
  }

  /// A normal number, by Box and Muller's transform.
  private mutating func normal() -> Double {
    (-2 * log(max(generator.uniform(), 1e-300))).squareRoot() * cos(2 * Double.pi * generator.uniform())
  }
}
