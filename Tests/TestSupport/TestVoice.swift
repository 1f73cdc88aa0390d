internal import Foundation
public import Platform

/// A voice that tests make for themselves: pulses through resonances, of which is known what an analysis should find.
public struct TestVoice {
  /// Mono, the largest sample ±0.5.
  public let samples: [Float]
  /// Hz.
  public let rate: Double
  /// Lengths of the periods in samples, and heights of their pulses.
  public let periods: [Double]
  public let heights: [Double]

  /// - Parameters:
  ///   - frequency: of the pulses, Hz.
  ///   - jitter, shimmer: deviations of the lengths and of the heights, as shares of them.
  ///   - formants: frequency and bandwidth of each resonance, Hz.
  ///   - noise: deviation of white noise among the pulses.
  public init(
    frequency: Double, seconds: Double, rate: Double = 16_000, jitter: Double = 0, shimmer: Double = 0,
    formants: [(frequency: Double, width: Double)] = [], noise: Double = 0, using generator: inout SeededGenerator
  ) {
    func normal() -> Double {
      let (radius, angle) = (
        Double.random(in: 1e-12...1, using: &generator), Double.random(in: 0...1, using: &generator)
      )
      return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
    }
    var sound = [Double](repeating: 0, count: Int(seconds * rate))
    var (periods, heights): ([Double], [Double]) = ([], [])
    var time = 0.0
    while time < seconds * rate {
      let period = rate / frequency * (1 + jitter * normal())
      let height = 1 + shimmer * normal()
      let length = 0.6 * rate / frequency
      for place in Int(time.rounded(.up))..<min(sound.count, Int(time + length)) {
        let phase = (Double(place) - time) / length
        sound[place] += height * 6.75 * (phase * phase - phase * phase * phase)
      }
      periods.append(period)
      heights.append(height)
      time += period
    }
    var last = 0.0
    for index in sound.indices {
      let here = sound[index]
      sound[index] = formants.isEmpty ? here : here - last
      if noise > 0 { sound[index] += noise * normal() }
      last = here
    }
    for formant in formants {
      let radius = exp(-.pi * formant.width / rate)
      let (first, second) = (2 * radius * cos(2 * .pi * formant.frequency / rate), radius * radius)
      var (before, beforeThat) = (0.0, 0.0)
      for index in sound.indices {
        let value = sound[index] + first * before - second * beforeThat
        (before, beforeThat) = (value, before)
        sound[index] = value
      }
    }
    let largest = sound.reduce(0) { max($0, abs($1)) }
    samples = sound.map { Float(0.5 * $0 / largest) }
    self.rate = rate
    self.periods = periods
    self.heights = heights
  }

  /// Mean distance of the lengths of successive periods over their mean.
  public var jitter: Double {
    let distances = zip(periods, periods.dropFirst()).map { abs($0 - $1) }
    return distances.reduce(0, +) / Double(distances.count) / (periods.reduce(0, +) / Double(periods.count))
  }

  /// Mean distance of the heights of successive periods, dB.
  public var shimmer: Double {
    let distances = zip(heights, heights.dropFirst()).map { abs(20 * log10($0 / $1)) }
    return distances.reduce(0, +) / Double(distances.count)
  }
}
