internal import Glibc

/// Peaks and valleys of the octaves of a spectrum, whose distance says how much stands out of the noise (Jiang and others,
/// "Music type classification by spectral contrast feature", 2002; librosa's `spectral_contrast`, which takes ten times the
/// logarithm of an amplitude).
public struct SpectralContrast: Sendable {
  /// Below 200 Hz, and six octaves from there on.
  public static let bandCount = 7

  /// The bins of each band, and how many of them at either end are averaged.
  private let bands: [(bins: Range<Int>, count: Int)]

  /// - Parameter frameLength: samples of a frame.
  public init(frameLength: Int, sampleRate: Double) {
    let binCount = frameLength / 2 + 1
    let edges = [0.0] + (0..<Self.bandCount).map { 200 * pow(2, Double($0)) }
    bands = (0..<Self.bandCount).map { band in
      func bin(_ frequency: Double) -> Double { frequency * Double(frameLength) / sampleRate }
      // Both edges included, the one below taken in by the bin before it; the last band goes to the end.
      var first = Int(bin(edges[band]).rounded(.up))
      var end = Int(bin(edges[band + 1]).rounded(.down)) + 1
      if band > 0 { first -= 1 }
      if band == Self.bandCount - 1 { end = binCount }
      let count = max(Int((0.02 * Double(end - first)).rounded(.toNearestOrEven)), 1)
      // The edge between two bands belongs to the upper one, but the last band keeps its end.
      if band < Self.bandCount - 1 { end -= 1 }
      return (first..<end, count)
    }
  }

  /// Writes the peaks of the bands in dB from `offset` on, and the valleys behind them.
  ///
  /// - Parameter spectrum: amplitudes, `[bins]`.
  public func apply(to spectrum: [Float], into values: inout [Float], at offset: Int) {
    let spectrum = spectrum.span
    for (index, band) in bands.enumerated() {
      let (peak, valley) = Self.ends(spectrum.extracting(band.bins), band.count)
      values[offset + index] = Self.decibels(peak)
      values[offset + Self.bandCount + index] = Self.decibels(valley)
    }
  }

  /// The means of the `count` largest and of the `count` smallest values. What belongs to neither is looked at once.
  ///
  /// Spectra fall, so the largest are looked for from below and the smallest from above: few are found too early.
  private static func ends(_ values: Span<Float>, _ count: Int) -> (largest: Float, smallest: Float) {
    // Both from the outermost value inwards.
    var largest = InlineArray<16, Float>(repeating: -.infinity)
    var smallest = InlineArray<16, Float>(repeating: .infinity)
    precondition(count <= largest.count)
    var innermost = -Float.infinity
    for index in values.indices where values[index] > innermost {
      let value = values[index]
      var place = count - 1
      while place > 0, largest[place - 1] < value {
        largest[place] = largest[place - 1]
        place -= 1
      }
      largest[place] = value
      innermost = largest[count - 1]
    }
    innermost = .infinity
    for index in values.indices.reversed() where values[index] < innermost {
      let value = values[index]
      var place = count - 1
      while place > 0, smallest[place - 1] > value {
        smallest[place] = smallest[place - 1]
        place -= 1
      }
      smallest[place] = value
      innermost = smallest[count - 1]
    }
    var sums: (largest: Float, smallest: Float) = (0, 0)
    for place in 0..<count {
      sums.largest += largest[place]
      sums.smallest += smallest[place]
    }
    return (sums.largest / Float(count), sums.smallest / Float(count))
  }

  private static func decibels(_ value: Float) -> Float { 10 * log10f(max(1e-10, value)) }
}
