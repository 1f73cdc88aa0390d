internal import Glibc

/// Random numbers that a seed determines: xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators", 2021), whose state is filled by SplitMix64.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(seed: UInt64) {
    var mixed = seed
    func next() -> UInt64 {
      mixed &+= 0x9E37_79B9_7F4A_7C15
      var value = mixed
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
    state = (next(), next(), next(), next())
  }

  public mutating func next() -> UInt64 {
    let sum = state.0 &+ state.3
    let result = (sum << 23 | sum >> 41) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// A number from 0 up to, but not including, 1.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A generator whose numbers have nothing to do with those that follow here.
  public mutating func split() -> SeededGenerator {
    SeededGenerator(seed: next())
  }
}

extension SeededGenerator {
  /// A number from the normal distribution with mean 0 and deviation 1 (Box and Muller, "A note on the generation of
  /// random normal deviates", 1958).
  package mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
  }

  /// A number from the symmetric beta distribution with both parameters `shape`, 0...1 (Jöhnk, "Erzeugung von
  /// betaverteilten und gammaverteilten Zufallszahlen", 1964).
  ///
  /// - Parameter shape: above 0; quick up to about 1.
  package mutating func beta(_ shape: Double) -> Double {
    while true {
      let (first, second) = (pow(uniform(), 1 / shape), pow(uniform(), 1 / shape))
      let sum = first + second
      if sum > 0 && sum <= 1 { return first / sum }
    }
  }
}
