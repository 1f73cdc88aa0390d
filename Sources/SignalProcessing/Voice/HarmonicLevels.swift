/// The levels of the harmonics of a fundamental frequency in the spectrum of a frame, and what the GeMAPS say of them (Eyben
/// and others, 2016): how far the first lies above the second, and above the strongest near a formant.
public struct HarmonicLevels {
  /// dB, from the first on, of the last spectrum that was ``read(_:frequency:)``.
  public private(set) var levels: [Float] = []

  /// Harmonics are looked at up to here, Hz.
  public static let highest: Float = 5500
  /// The strongest harmonic within so much of a formant is the formant's.
  private static let nearFormant: ClosedRange<Float> = 0.8...1.2

  private let binWidth: Float
  private var frequency: Float = 0

  /// - Parameter binWidth: of the spectra, Hz.
  public init(binWidth: Double) {
    self.binWidth = Float(binWidth)
    levels.reserveCapacity(Int(Self.highest / Float(SubharmonicSummation.range.lowerBound)) + 2)
  }

  /// A harmonic is the peak of the spectrum that lies nearest to its place, by the parabola through three bins.
  ///
  /// - Parameters:
  ///   - spectrum: dB, from 0 Hz to half the fundamental frequency beyond ``highest``, as far as there are bins.
  ///   - frequency: the fundamental one, Hz, above 0.
  public mutating func read(_ spectrum: Span<Float>, frequency: Float) {
    self.frequency = frequency
    levels.removeAll(keepingCapacity: true)
    let distance = frequency / binWidth
    for harmonic in 1...max(2, Int(Self.highest / frequency)) {
      let centre = Float(harmonic) * distance
      let low = max(1, Int((centre - 0.5 * distance).rounded(.up)))
      let high = min(spectrum.count - 2, Int(centre + 0.5 * distance))
      var nearest: Int?
      if low <= high {
        for bin in low...high where spectrum[bin] >= spectrum[bin - 1] && spectrum[bin] > spectrum[bin + 1] {
          if abs(Float(bin) - centre) < nearest.map({ abs(Float($0) - centre) }) ?? .infinity { nearest = bin }
        }
      }
      if let bin = nearest {
        let (left, here, right) = (spectrum[bin - 1], spectrum[bin], spectrum[bin + 1])
        levels.append(here - (left - right) * (left - right) / (8 * (left - 2 * here + right)))
      } else {
        levels.append(spectrum[min(Int(centre.rounded()), spectrum.count - 1)])
      }
    }
  }

  /// How far the first harmonic lies above the second, dB.
  public var firstOverSecond: Float { levels[0] - levels[1] }

  /// How far the strongest harmonic near a formant lies above the first harmonic, dB; NaN if there is none.
  ///
  /// - Parameter formant: its frequency, Hz; NaN if there is no formant.
  public func formantOverFirst(_ formant: Float) -> Float {
    guard formant > 0 else { return .nan }
    var strongest = -Float.infinity
    let low = max(1, Int((Self.nearFormant.lowerBound * formant / frequency).rounded(.up)))
    let high = min(levels.count, Int(Self.nearFormant.upperBound * formant / frequency))
    guard low <= high else { return .nan }
    for harmonic in low...high { strongest = max(strongest, levels[harmonic - 1]) }
    return strongest - levels[0]
  }
}
