internal import CKernels
internal import FastKernels
internal import Glibc

/// The low-pass filter of a change of the sample rate, as a table: for each place between two input samples at which an
/// output sample can lie, a *phase*, the weights of the input samples around it.
///
/// A sinc under a Kaiser window (Smith, "Digital Audio Resampling Home Page", 2002; Kaiser, "Nonrecursive digital filter
/// design using the I0-sinh window function", 1974). Against the lower of both rates: 46 zero crossings to each side, half
/// the amplitude at 0.459, flat up to 0.42, 100 dB down from half the rate on.
struct PolyphaseFilter {
  /// Input samples that an output sample looks at; as many before as behind it.
  let taps: Int
  /// Output samples for every so many input samples.
  let step: (output: Int, input: Int)

  /// `[phases × taps]`, and one phase more where they are interpolated.
  private let weights: AlignedBuffer
  private let phases: Int
  private let kernels: Kernels

  private static let crossings = 46.0
  private static let cutoff = 0.4594
  /// Kaiser's parameter for 118 dB.
  private static let beta = 0.1102 * (118 - 8.7)
  /// Numbers that a table may have. Rates with no useful common divisor share this many phases, and the weights between
  /// two of them are interpolated: 118 dB below the signal is what that costs.
  private static let largestTable = 1 << 19
  private static let interpolatedPhases = 1024

  /// - Parameters: both above 0.
  init(from inputRate: Int, to outputRate: Int, kernels: Kernels = .standard) {
    self.kernels = kernels
    var (divisor, rest) = (inputRate, outputRate)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    step = (outputRate / divisor, inputRate / divisor)
    // In input samples, and as a part of the input's rate.
    let share = min(1, Double(outputRate) / Double(inputRate))
    let half = Self.crossings / share
    let cutoff = Self.cutoff * share
    let reach = Int(half.rounded(.up))
    taps = 2 * reach
    let isExact = step.output * taps <= Self.largestTable
    phases = isExact ? step.output : Self.interpolatedPhases
    let rows = isExact ? phases : phases + 1
    weights = AlignedBuffer(count: rows * taps)
    for row in 0..<rows {
      let place = Double(row) / Double(phases)
      var values = (0..<taps).map { tap in
        let time = Double(tap - reach + 1) - place
        return Self.sinc(2 * cutoff * time) * Self.kaiser(time / half)
      }
      // A constant stays what it is.
      let sum = values.reduce(0, +)
      for tap in values.indices { values[tap] /= sum }
      weights.copy(values.map { Float($0) }[...], to: row * taps)
    }
  }

  /// The output sample at `remainder / step.output` of an input sample behind the middle of `samples`, its ``taps`` input
  /// samples.
  func apply(to samples: UnsafePointer<Float>, remainder: Int) -> Float {
    guard phases != step.output else { return sum(samples, row: remainder) }
    let place = Double(remainder) * Double(phases) / Double(step.output)
    let row = Int(place)
    let (low, high) = (sum(samples, row: row), sum(samples, row: row + 1))
    return low + Float(place - Double(row)) * (high - low)
  }

  private func sum(_ samples: UnsafePointer<Float>, row: Int) -> Float {
    kernels.functions.pointee.dot_product(samples, weights.pointer + row * taps, Int32(taps))
  }

  private static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }

  /// From -1 to 1; 0 outside.
  private static func kaiser(_ x: Double) -> Double {
    abs(x) >= 1 ? 0 : bessel(beta * (1 - x * x).squareRoot()) / besselOfBeta
  }

  private static let besselOfBeta = bessel(beta)

  /// The modified Bessel function of the first kind and order 0, by its series.
  private static func bessel(_ x: Double) -> Double {
    var (sum, term, index) = (1.0, 1.0, 1.0)
    while term > 1e-17 * sum {
      term *= (x / (2 * index)) * (x / (2 * index))
      sum += term
      index += 1
    }
    return sum
  }
}
