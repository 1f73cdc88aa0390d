internal import Glibc

/// The tempo of an onset envelope and how clear its pulse is, by the autocorrelation (Lartillot, Eerola, Toiviainen and
/// Fornari, "Multi-feature modeling of pulse clarity", 2008).
public struct Pulse: Sendable {
  /// Beats per minute, 40 to 200; 120 where there is hardly a pulse.
  public let tempo: Float
  /// The largest autocorrelation at the period of a tempo, 0 to 1.
  public let clarity: Float

  private static let tempi = 40.0...200.0
  /// The period that is preferred, seconds (Toiviainen and Snyder, "Tapping to Bach: resonance-based modeling of pulse",
  /// 2003).
  private static let preferred = 0.5

  /// Deviation of an ``OnsetEnvelope`` that counts as much as the envelope's own: held sounds have less, music and clicks
  /// have more, so that the ripple of a held sound is no pulse.
  private static let floor: Float = 0.5
  /// Below this value there is no tempo.
  private static let least: Float = 0.1

  /// - Parameters:
  ///   - envelope: at least 3 s.
  ///   - rate: values of it per second.
  public init(_ envelope: [Float], rate: Double) {
    let correlation = Self.autocorrelation(envelope, count: Int(rate * 60 / Self.tempi.lowerBound) + 2)
    let lags = Int((rate * 60 / Self.tempi.upperBound).rounded(.up))...Int(rate * 60 / Self.tempi.lowerBound)
    clarity = min(max(lags.map { correlation[$0] }.max() ?? 0, 0), 1)
    var best = (lag: 0, value: Self.least)
    for lag in lags {
      let value = Self.enhanced(correlation, lag) * Self.resonance(Double(lag) / rate)
      if value > best.value { best = (lag, value) }
    }
    let period = best.lag > 0 ? Self.refine(Float(best.lag), correlation) : Float(rate * 0.5)
    tempo = min(max(60 * Float(rate) / period, Float(Self.tempi.lowerBound)), Float(Self.tempi.upperBound))
  }

  /// At lags from 0 on, each by the values that overlap, in units of that at 0 and of the floor.
  private static func autocorrelation(_ envelope: [Float], count: Int) -> [Float] {
    let mean = envelope.reduce(0, +) / Float(envelope.count)
    let values = smoothed(envelope.map { $0 - mean })
    let energy = values.reduce(0) { $0 + $1 * $1 } / Float(values.count) + floor * floor
    return (0..<count).map { lag in
      guard lag < values.count else { return 0 }
      var sum: Float = 0
      for index in lag..<values.count { sum += values[index] * values[index - lag] }
      return sum / Float(values.count - lag) / energy
    }
  }

  /// Over five values: an onset may lie between two frames, and the frames beat with the periods of low tones.
  private static func smoothed(_ values: [Float]) -> [Float] {
    let weights: [Float] = [1, 4, 6, 4, 1].map { $0 / 16 }
    return values.indices.map { index in
      (0..<5).reduce(Float(0)) { sum, tap in
        let near = index + tap - 2
        return values.indices.contains(near) ? sum + weights[tap] * values[near] : sum
      }
    }
  }

  /// Without what is there only because it is at a half or a third of the lag (Tolonen and Karjalainen, "A computationally
  /// efficient multipitch analysis model", 2000).
  private static func enhanced(_ correlation: [Float], _ lag: Int) -> Float {
    var value = max(correlation[lag], 0)
    for factor in [2, 3] {
      let (whole, rest) = lag.quotientAndRemainder(dividingBy: factor)
      let part = Float(rest) / Float(factor)
      let shorter = (1 - part) * correlation[whole] + part * correlation[whole + 1]
      // What lies at lags of no tempo is the width of single onsets.
      if Double(whole) > 0.2 * Double(correlation.count) / 1.5 { value = max(value - max(shorter, 0), 0) }
    }
    return value
  }

  /// How much a period (seconds) is preferred, 0 to 1.
  private static func resonance(_ period: Double) -> Float {
    let octaves = log2(period / preferred)
    return Float(max(0, 1 - 0.25 * octaves * octaves))
  }

  /// The period of the last multiple that the autocorrelation has a peak at: the longer, the more exact.
  private static func refine(_ lag: Float, _ correlation: [Float]) -> Float {
    var period = lag
    var multiple: Float = 1
    while Int(period * multiple) + 3 < correlation.count {
      let centre = Int((period * multiple).rounded())
      var peak = centre
      for near in max(1, centre - 2)...min(centre + 2, correlation.count - 2)
      where correlation[near] > correlation[peak] {
        peak = near
      }
      let (left, here, right) = (correlation[peak - 1], correlation[peak], correlation[peak + 1])
      let curvature = left - 2 * here + right
      guard here > 0, curvature < 0, here >= left, here >= right else { break }
      period = (Float(peak) + 0.5 * (left - right) / curvature) / multiple
      multiple += 1
    }
    return period
  }
}
