internal import Foundation
internal import Platform

/// Audio that tests make for themselves.
public enum TestSignal {
  /// Something like music, so that the values move: chords of decaying tones that change every half second, and a
  /// beat of noise that sets in later. Mono, full scale ±1, the same every time.
  public static func music(seconds: Double, rate: Int) -> [Float] {
    var noise: UInt32 = 7
    return (0..<Int(seconds * Double(rate))).map { index in
      let time = Double(index) / Double(rate)
      let beat = Int(time * 2)
      let age = time - Double(beat) / 2
      let root = 110 * pow(2, Double([0, 5, 7, 3, 8, 10][beat % 6]) / 12)
      var value = 0.0
      for (partial, ratio) in [1.0, 1.25, 1.5, 2, 3.01].enumerated() {
        value += sin(2 * .pi * root * ratio * time) * exp(-age * Double(2 + partial)) * 0.12
      }
      noise = noise &* 1_664_525 &+ 1_013_904_223
      if time > seconds / 2 { value += Double(Int32(bitPattern: noise)) * 0x1p-31 * exp(-age * 18) * 0.4 }
      return Float(value)
    }
  }

  public static func sine(_ frequency: Double, amplitude: Double = 1, seconds: Double, rate: Int) -> [Float] {
    (0..<Int(seconds * Double(rate))).map { index in
      Float(amplitude * sin(2 * .pi * frequency * Double(index) / Double(rate)))
    }
  }

  /// Chords of sawtooth tones that go on, another every two seconds, with a beat below them twice a second.
  public static func chords(seconds: Int, rate: Int) -> [Float] {
    let roots = [110.0, 146.8, 98, 130.8]
    return (0..<seconds * rate).map { index in
      let time = Double(index) / Double(rate)
      let root = roots[Int(time / 2) % roots.count]
      let chord = [1, 1.26, 1.5].reduce(0.0) { sum, ratio in
        let phase = time * root * ratio
        return sum + (phase - phase.rounded(.down) - 0.5)
      }
      let beat = sin(2 * .pi * 60 * time) * exp(-12 * (2 * time).truncatingRemainder(dividingBy: 1))
      return Float(0.1 * chord + 0.2 * beat)
    }
  }

  /// Something like a voice that talks: syllables of gliding pitch, each with a hiss before it and a vowel of its own, in
  /// phrases with pauses between them, over a soft noise.
  public static func voice(seconds: Int, rate: Int, seed: UInt64 = 1) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    func random(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
    var samples = [Float](repeating: 0, count: seconds * rate)
    var time = 0.0
    while time < Double(seconds) {
      var pitch = random(100...160)
      for _ in 0..<Int(random(3...8)) {
        let hiss = random(0.02...0.06)
        let length = random(0.12...0.26)
        let (low, high) = (random(300...800), random(900...2400))
        let end = pitch * random(0.75...1.25)
        var phase = 0.0
        for step in 0..<Int((hiss + length) * Double(rate)) {
          let index = Int(time * Double(rate)) + step
          guard index < samples.count else { break }
          let place = (Double(step) / Double(rate) - hiss) / length
          guard place >= 0 else {
            samples[index] = Float(random(-0.01...0.01))
            continue
          }
          let frequency = pitch + place * (end - pitch)
          phase += frequency / Double(rate)
          var value = 0.0
          for harmonic in 1...Int(3500 / frequency) {
            let place = Double(harmonic) * frequency
            let weight = [low, high].reduce(0.02) { $0 + exp(-pow((place - $1) / 120, 2)) }
            value += weight * sin(2 * .pi * Double(harmonic) * phase)
          }
          samples[index] = Float(0.1 * value * sin(.pi * place))
        }
        pitch = end
        time += hiss + length + random(0.02...0.06)
      }
      time += random(0.25...0.5)
    }
    // The room is not dead: noise that falls with the frequency, at -55 dB.
    var last = 0.0
    return samples.map {
      last = 0.97 * last + generator.normal()
      return $0 + Float(3e-4 * last)
    }
  }
}
