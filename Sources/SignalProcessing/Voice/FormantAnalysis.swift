internal import Glibc

/// The resonances of the vocal tract, *formants*: the poles of a filter that predicts each sample from those before it
/// (Atal and Hanauer, "Speech analysis and synthesis by linear prediction of the speech wave", 1971).
///
/// The autocorrelation comes from the part of the power spectrum below 5.5 kHz, as if the frame had been resampled to
/// 11 kHz, and from there by the recursion of Levinson and Durbin. Poles that are wider than 600 Hz are none: in music, and
/// between formants, linear prediction puts some where nothing resonates.
public struct FormantAnalysis {
  public static let count = 3
  /// Values that are told of a frame: frequency and bandwidth of each formant, Hz, from below; NaN for one that is missing.
  public static let valueCount = 2 * count

  private static let rate = 11_000.0
  private static let order = 11
  private static let emphasis = 0.97
  private static let frequencies = 50.0...5450.0
  private static let widest = 600.0

  /// `[order + 1][bins]`: the transform from power to autocorrelation, with the emphasis of the high frequencies in it.
  private let cosines: [[Double]]
  private let binCount: Int
  private var correlation = [Double](repeating: 0, count: order + 1)
  private var coefficients = [Double](repeating: 0, count: order)
  private var scratch = [Double](repeating: 0, count: order)
  private var roots = PolynomialRoots(degree: order)

  /// - Parameter frameLength: samples of the Fourier transform.
  public init(frameLength: Int, sampleRate: Double) {
    let width = sampleRate / Double(frameLength)
    let binCount = Int(Self.rate / 2 / width) + 1
    self.binCount = binCount
    cosines = (0...Self.order).map { lag in
      (0..<binCount).map { bin in
        let angle = 2 * Double.pi * Double(bin) * width / Self.rate
        let emphasis = 1 + Self.emphasis * Self.emphasis - 2 * Self.emphasis * cos(angle)
        return (bin == 0 ? 1 : 2) * emphasis * cos(angle * Double(lag))
      }
    }
  }

  /// Writes ``valueCount`` values from `place` on.
  ///
  /// - Parameter power: `[bins]`
  public mutating func apply(to power: [Float], into values: inout [Float], at place: Int) {
    for offset in 0..<Self.valueCount { values[place + offset] = .nan }
    for lag in 0...Self.order {
      var sum = 0.0
      for bin in 0..<binCount { sum += cosines[lag][bin] * Double(power[bin]) }
      correlation[lag] = sum
    }
    guard correlation[0] > 1e-12, predict() else { return }
    roots.find(coefficients)
    var found: [(frequency: Double, width: Double)] = []
    for root in roots.roots where root.imaginary > 1e-9 {
      let frequency = Self.rate * root.angle / (2 * .pi)
      let width = -Self.rate * log(root.magnitude) / .pi
      if Self.frequencies.contains(frequency), width > 0, width < Self.widest { found.append((frequency, width)) }
    }
    found.sort { $0.frequency < $1.frequency }
    for (index, formant) in found.prefix(Self.count).enumerated() {
      values[place + 2 * index] = Float(formant.frequency)
      values[place + 2 * index + 1] = Float(formant.width)
    }
  }

  /// The polynomial of the prediction error; false if there is nothing to predict.
  private mutating func predict() -> Bool {
    // A little white noise keeps pure tones from making the recursion unstable.
    var error = correlation[0] * (1 + 1e-9)
    for index in coefficients.indices { coefficients[index] = 0 }
    for index in 0..<Self.order {
      var sum = correlation[index + 1]
      for lag in 0..<index { sum += coefficients[lag] * correlation[index - lag] }
      guard error > 0 else { return false }
      let reflection = -sum / error
      for lag in 0..<index { scratch[lag] = coefficients[lag] + reflection * coefficients[index - 1 - lag] }
      for lag in 0..<index { coefficients[lag] = scratch[lag] }
      coefficients[index] = reflection
      error *= 1 - reflection * reflection
    }
    return true
  }
}
