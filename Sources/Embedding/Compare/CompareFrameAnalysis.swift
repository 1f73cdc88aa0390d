internal import Glibc
internal import SignalProcessing

/// The descriptors of one of the ``CompareShortFrames``, as far as they do not depend on the window that it lies in.
struct CompareFrameAnalysis {
  private typealias Place = CompareShortFrames.Place

  static let window = hammingWindow(length: CompareShortFrames.length)
  static let binCount = CompareShortFrames.transformLength / 2 + 1
  /// Hz from one bin to the next.
  private static let binWidth = CompareShortFrames.sampleRate / Double(CompareShortFrames.transformLength)
  /// The least power in a band, found by comparing with openSMILE's output: about that of 16 bits.
  private static let floor: Float = 9.3e-10

  /// The weights of the power in the bands by which it is heard, `[bands]`.
  let equalLoudness: [Float]
  private let bank: MelFilterBank
  private let sharpness: Sharpness
  private let cepstrum: LifteredCepstrum
  /// Logarithms of ``equalLoudness``.
  private let equalLoudnessLevels: [Float]

  init() {
    let rate = CompareShortFrames.sampleRate
    bank = MelFilterBank(
      unitTriangles: CompareShortFrames.bandCount, binCount: Self.binCount, sampleRate: rate, lowest: 20, highest: 8000)
    sharpness = Sharpness(binCount: Self.binCount, sampleRate: rate)
    cepstrum = LifteredCepstrum(count: CompareShortFrames.cepstrumCount, bandCount: CompareShortFrames.bandCount)
    let weights = bank.centres.map { EqualLoudness.weight(at: $0) }
    equalLoudness = weights.map { Float($0) }
    equalLoudnessLevels = weights.map { Float(log($0)) }
  }

  /// Root of the mean square of `samples`, `[320]`.
  ///
  /// - Parameter power: a spectrum of the frame with the colour of the venue taken out. The energy changes by the same
  ///   factor as that under the spectrum's window.
  func energy(of samples: Span<Float>, power: [Float]?) -> Float {
    var (energy, windowed): (Float, Float) = (0, 0)
    let window = Self.window.span
    for place in samples.indices {
      energy += samples[place] * samples[place]
      let sample = samples[place] * window[place]
      windowed += sample * sample
    }
    if let power, windowed > 0 {
      // By Parseval's theorem: the bins but the first and the last stand for two each.
      let both = power.reduce(0, +) * 2 - power[0] - power[power.count - 1]
      energy *= both / Float(CompareShortFrames.transformLength) / windowed
    }
    return (energy / Float(samples.count)).squareRoot()
  }

  /// Root of the mean square of the change of the amplitudes, `[bins]`, without that at 0 Hz.
  func flux(from before: [Float], to amplitude: [Float]) -> Float {
    let (before, amplitude) = (before.span, amplitude.span)
    var sum: Float = 0
    for bin in 1..<amplitude.count {
      let change = amplitude[bin] - before[bin]
      sum += change * change
    }
    return (sum / Float(amplitude.count - 1)).squareRoot()
  }

  /// Writes what is made of the power spectrum alone into the values of a frame, which begin at `place`.
  func describe(_ power: [Float], into values: inout [Float], at place: Int) {
    let count = CompareShortFrames.bandCount
    let bands = place + Place.bands
    bank.apply(to: power, into: &values, at: bands)
    var loudness: Float = 0
    for band in 0..<count {
      let level = logf(max(Self.floor, values[bands + band]))
      values[bands + band] = level
      loudness += expf(EqualLoudness.exponent * (level + equalLoudnessLevels[band]))
    }
    values[place + Place.loudness] = loudness / Float(count)
    cepstrum.apply(to: Array(values[bands..<bands + count]), into: &values, at: place + Place.cepstrum)

    values[place + Place.bandEnergies] = Self.energy(of: power, from: 250, to: 650)
    values[place + Place.bandEnergies + 1] = Self.energy(of: power, from: 1000, to: 4000)

    let shape = SpectralShape(of: power, binWidth: Float(Self.binWidth))
    for part in shape.rollOff.indices { values[place + Place.rollOff + part] = shape.rollOff[part] }
    values[place + Place.shape] = shape.centroid
    values[place + Place.shape + 1] = shape.entropy
    values[place + Place.shape + 2] = shape.variance
    values[place + Place.shape + 3] = shape.skewness
    values[place + Place.shape + 4] = shape.kurtosis
    // openSMILE's is this much steeper.
    values[place + Place.shape + 5] = shape.slope * Float(Self.binCount - 2)
    values[place + Place.shape + 6] = sharpness.value(of: power)
    values[place + Place.shape + 7] = SpectralHarmonicity.value(of: power)
  }

  /// The power from `lowest` to `highest`, Hz, divided by the bins of the spectrum. Of the last bin counts the part of a bin
  /// that is left up to `highest`, or all of it if it lies there, as was found by comparing with openSMILE's output.
  ///
  /// - Parameter lowest: the frequency of a bin.
  private static func energy(of power: [Float], from lowest: Double, to highest: Double) -> Float {
    let (first, end) = (Int(lowest / binWidth), highest / binWidth)
    let last = Int(end)
    let part = end - Double(last)
    var sum: Float = 0
    for bin in first..<last { sum += power[bin] }
    return (sum + (part == 0 ? 1 : Float(part)) * power[last]) / Float(power.count - 1)
  }
}
