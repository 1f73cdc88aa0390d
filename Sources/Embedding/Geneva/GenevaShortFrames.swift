internal import Glibc
internal import SignalProcessing

/// What ``EGeMAPS`` measures on frames of 20 ms under a Hamming window.
struct GenevaShortFrames {
  enum Descriptor {
    case loudness
    /// Power of 1 to 5 kHz over that below 1 kHz, dB.
    case alphaRatio
    /// The strongest bin below 2 kHz over the strongest of 2 to 5 kHz, dB.
    case hammarberg
    /// Slope of the spectrum in dB per Hz over 0 to 500 Hz, and over 500 to 1500 Hz.
    case lowSlope, highSlope
    /// Root of the mean square of what the amplitudes below 5 kHz have changed since the frame before.
    case flux
    /// From 1 to 4.
    case mfcc(Int)

    static let spectral: [Descriptor] = [.alphaRatio, .hammarberg, .lowSlope, .highSlope]
    static let cepstrum: [Descriptor] = (1...4).map { .mfcc($0) }

    fileprivate var column: Int {
      switch self {
      case .loudness: 0
      case .alphaRatio: 1
      case .hammarberg: 2
      case .lowSlope: 3
      case .highSlope: 4
      case .flux: 5
      case .mfcc(let index): 5 + index
      }
    }
  }

  private enum Column {
    static let formants = 10
    static let energy = formants + FormantAnalysis.valueCount
    static let end = energy + 1
  }

  static let length = 320
  private static let transformLength = 512
  private static let bandCount = 26
  private static let cepstrumCount = 4
  /// The least power in a band: about that of 16 bits.
  private static let floor: Float = 9.3e-10

  /// Frames of a window.
  let count: Int
  private var ring = FrameRing(width: Column.end)
  private var spectra: FilteredSpectra
  private let melBank: MelFilterBank
  /// What the power of each mel band counts for the ear.
  private let equalLoudness: [Float]
  private let cepstrum = LifteredCepstrum(count: cepstrumCount, bandCount: bandCount)
  private var formants: FormantAnalysis
  private let lowSlope: SpectralSlope
  private let highSlope: SpectralSlope
  private var bands = [Float](repeating: 0, count: bandCount)
  /// Amplitudes of the last frame that was computed, below 5 kHz.
  private var last: [Float]

  init(windowLength: Int) {
    count = (windowLength - Self.length) / EGeMAPS.step + 1
    let rate = Double(EGeMAPS.rate)
    let window = hammingWindow(length: Self.length)
    let zeros = [Float](repeating: 0, count: Self.transformLength - Self.length)
    spectra = FilteredSpectra(
      frameLength: Self.transformLength, frameStep: EGeMAPS.step, window: window + zeros, sampleRate: rate)
    let binCount = Self.transformLength / 2 + 1
    melBank = MelFilterBank(
      unitTriangles: Self.bandCount, binCount: binCount, sampleRate: rate, lowest: 20, highest: 8000)
    equalLoudness = melBank.centres.map { Float(EqualLoudness.weight(at: $0)) }
    formants = FormantAnalysis(frameLength: Self.transformLength, sampleRate: rate)
    let width = rate / Double(Self.transformLength)
    lowSlope = SpectralSlope(0...500, binWidth: width)
    highSlope = SpectralSlope(500...1500, binWidth: width)
    last = Array(repeating: 0, count: Self.bin(5000))
  }

  /// The bin at a frequency.
  private static func bin(_ hertz: Int) -> Int { hertz * transformLength / EGeMAPS.rate }

  mutating func restart() { ring.restart() }

  mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  /// A descriptor of a frame of the window. There is no flux in the first one.
  subscript(row: Int, descriptor: Descriptor) -> Float {
    if case .flux = descriptor, row == 0 { return 0 }
    return ring[row, descriptor.column]
  }

  /// Frequency (`part` 0) or bandwidth (1) of a formant, Hz; NaN if it is missing.
  func formant(_ row: Int, _ index: Int, part: Int) -> Float { ring[row, Column.formants + 2 * index + part] }

  /// Mean of the mean squares of all frames, without a window.
  var meanEnergy: Float {
    (0..<count).reduce(0) { $0 + ring[$1, Column.energy] } / Float(count)
  }

  mutating func move(to window: Span<Float>, startingAt start: Int) {
    let first = start / EGeMAPS.step
    var ring = ring
    self.ring = FrameRing(width: 0)
    ring.move(to: first..<first + count) { frames, values, place in
      let begin = frames.lowerBound * EGeMAPS.step - start
      var spectra = spectra
      spectra.compute(window, startingAt: begin, count: frames.count) { frame, power in
        describe(power, into: &values, at: place + frame * Column.end)
      }
      for frame in 0..<frames.count {
        values[place + frame * Column.end + Column.energy] = meanSquare(
          of: window, from: begin + frame * EGeMAPS.step, count: Self.length)
      }
    }
    self.ring = ring
  }

  private mutating func describe(_ power: [Float], into values: inout [Float], at place: Int) {
    melBank.apply(to: power, into: &bands, at: 0)
    var loudness: Float = 0
    for band in bands.indices {
      loudness += powf(bands[band] * equalLoudness[band], EqualLoudness.exponent)
      bands[band] = logf(max(bands[band], Self.floor))
    }
    values[place + Descriptor.loudness.column] = loudness / Float(Self.bandCount)
    cepstrum.apply(to: bands, into: &values, at: place + Descriptor.mfcc(1).column)

    let (kilohertz, two, five) = (Self.bin(1000), Self.bin(2000), Self.bin(5000))
    var (low, high) = (Float(0), Float(0))
    var (lowest, highest) = (Float(0), Float(0))
    var change: Float = 0
    for bin in 0...five {
      if bin < kilohertz { low += power[bin] } else { high += power[bin] }
      if bin < two { lowest = max(lowest, power[bin]) } else { highest = max(highest, power[bin]) }
      guard bin < five else { continue }
      let amplitude = power[bin].squareRoot()
      change += (amplitude - last[bin]) * (amplitude - last[bin])
      last[bin] = amplitude
    }
    values[place + Descriptor.alphaRatio.column] = SpectralSlope.decibels(high) - SpectralSlope.decibels(low)
    values[place + Descriptor.hammarberg.column] = SpectralSlope.decibels(lowest) - SpectralSlope.decibels(highest)
    values[place + Descriptor.lowSlope.column] = lowSlope.slope(of: power)
    values[place + Descriptor.highSlope.column] = highSlope.slope(of: power)
    values[place + Descriptor.flux.column] = (change / Float(five)).squareRoot()
    formants.apply(to: power, into: &values, at: place + Column.formants)
  }
}

/// The slope of the spectrum of a band in dB per Hz. As in openSMILE, whose numbers are what others have published, the
/// number of bins counts one too few: for the straight line through the spectrum it is up to a third too small.
private struct SpectralSlope {
  private let bins: ClosedRange<Int>
  private let binWidth: Double
  private let sum: Double
  private let squares: Double

  init(_ band: ClosedRange<Double>, binWidth: Double) {
    bins = Int((band.lowerBound / binWidth).rounded(.up))...Int(band.upperBound / binWidth)
    self.binWidth = binWidth
    sum = bins.reduce(0) { $0 + Double($1) * binWidth }
    squares = bins.reduce(0) { $0 + Double($1) * binWidth * Double($1) * binWidth }
  }

  func slope(of power: [Float]) -> Float {
    var (levels, products) = (0.0, 0.0)
    for bin in bins {
      let level = Double(Self.decibels(power[bin]))
      levels += level
      products += level * Double(bin) * binWidth
    }
    let count = Double(bins.count - 1)
    return Float((count * products - sum * levels) / (count * squares - sum * sum))
  }

  static func decibels(_ power: Float) -> Float { 10 * log10f(max(power, 1e-14)) }
}
