internal import Glibc
internal import Platform

/// The noise of people who talk: many voices, each with its pitch, its vowels and its pauses.
enum Crowd {
  /// The centres of the first three formants of some vowels, Hz (Peterson and Barney, "Control methods used in a study of
  /// the vowels", 1952).
  private static let vowels: [[Double]] = [
    [270, 2290, 3010], [390, 1990, 2550], [530, 1840, 2480], [660, 1720, 2410], [730, 1090, 2440], [570, 840, 2410],
    [440, 1020, 2240], [300, 870, 2240], [640, 1190, 2390],
  ]
  private static let bandwidths = [80.0, 110, 160]

  /// `count` samples of `voices` people at `rate` Hz, scaled to a root mean square of 1.
  static func make(voices: Int, count: Int, rate: Int, using generator: inout SeededGenerator) -> [Float] {
    // Voices hold little above 4 kHz, and the noise of consonants is added at the full rate.
    var sum = [Float](repeating: 0, count: count)
    for _ in 0..<voices { addVoice(to: &sum, rate: rate, using: &generator) }
    let power = sum.reduce(0) { $0 + $1 * $1 } / Float(max(1, count))
    let scale = 1 / max(power, 1e-20).squareRoot()
    return sum.map { $0 * scale }
  }

  private static func addVoice(to sum: inout [Float], rate: Int, using generator: inout SeededGenerator) {
    let pitch = 95 + 130 * generator.uniform()
    let loudness = Float(pow(10, (generator.uniform() * 12 - 6) / 20))
    let throat = 0.9 + 0.25 * generator.uniform()
    var phase = generator.uniform()
    var resonators = [Resonator](repeating: Resonator(), count: 3)
    var position = -Int(generator.uniform() * Double(rate))
    while position < sum.count {
      // A phrase of some syllables, then a pause.
      for _ in 0..<(3 + Int(9 * generator.uniform())) {
        let length = Int((0.12 + 0.16 * generator.uniform()) * Double(rate))
        let vowel = vowels[Int(Double(vowels.count) * generator.uniform())]
        for index in 0..<3 { resonators[index].tune(vowel[index] * throat, bandwidths[index], rate: rate) }
        let bend = pitch * (0.88 + 0.24 * generator.uniform())
        let consonant = Int(Double(length) * (0.1 + 0.15 * generator.uniform()))
        let hiss = Float(0.02 + 0.05 * generator.uniform())
        for offset in 0..<length {
          phase += bend / Double(rate)
          phase -= phase.rounded(.down)
          let shape = Float(sin(.pi * Double(offset) / Double(length)))
          // The flow through the glottis: open for 60 % of a period.
          let flow = phase < 0.6 ? Float(sin(.pi * phase / 0.6)) : 0
          var value = offset < consonant ? hiss * Float(generator.uniform() * 2 - 1) : flow * 0.2
          for index in 0..<3 { value = resonators[index].next(value) }
          if position >= 0 && position < sum.count { sum[position] += value * shape * loudness }
          position += 1
        }
      }
      position += Int((0.2 + 1.3 * generator.uniform()) * Double(rate))
    }
  }

  /// A resonance of the mouth: two poles, amplification 1 at 0 Hz (Klatt, "Software for a cascade/parallel formant
  /// synthesizer", 1980).
  private struct Resonator {
    private var a: Float = 1
    private var b: Float = 0
    private var c: Float = 0
    private var last: (Float, Float) = (0, 0)

    mutating func tune(_ frequency: Double, _ bandwidth: Double, rate: Int) {
      let radius = exp(-.pi * bandwidth / Double(rate))
      c = Float(-radius * radius)
      b = Float(2 * radius * cos(2 * .pi * frequency / Double(rate)))
      a = 1 - b - c
    }

    mutating func next(_ input: Float) -> Float {
      let output = a * input + b * last.0 + c * last.1
      last = (output, last.0)
      return output
    }
  }
}
