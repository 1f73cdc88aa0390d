internal import Glibc
internal import SignalProcessing

/// A colouring of sound: decibels at some frequencies, joined by lines over the logarithm of the frequency.
public struct ToneCurve: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    /// Hz, above 0.
    public let frequency: Double
    public let decibels: Double

    public init(_ frequency: Double, _ decibels: Double) {
      self.frequency = frequency
      self.decibels = decibels
    }
  }

  /// Ascending in frequency, at least one.
  public let points: [Point]

  public init(_ points: [Point]) {
    precondition(!points.isEmpty && zip(points, points.dropFirst()).allSatisfy { $0.frequency < $1.frequency })
    self.points = points
  }

  /// dB at `frequency`; beyond the ends it goes on as it is there.
  public func decibels(at frequency: Double) -> Double {
    guard let above = points.firstIndex(where: { $0.frequency > frequency }) else {
      return points[points.count - 1].decibels
    }
    guard above > 0 else { return points[0].decibels }
    let (left, right) = (points[above - 1], points[above])
    let share = log(frequency / left.frequency) / log(right.frequency / left.frequency)
    return left.decibels + share * (right.decibels - left.decibels)
  }

  /// `signal` through a filter of this colour, without delay: a finite impulse response that is symmetric in time, some
  /// 80 ms long, made by sampling the curve.
  func apply(to signal: [Float], rate: Int) -> [Float] {
    var half = 512
    while half < rate / 24 { half *= 2 }
    let response = Convolver.symmetricResponse(
      (0...half).map { bin in
        Float(pow(10, decibels(at: max(1, Double(bin) * Double(rate) / Double(2 * half))) / 20))
      })
    let filtered = Convolver(response: response).apply(to: signal)
    return Array(filtered[half..<half + signal.count])
  }
}
