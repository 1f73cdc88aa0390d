internal import Glibc

/// Takes back what a venue does to the colour of music: decibels for each third of an octave, which are added to what a
/// network hears of its spectrum.
public struct VenueFilter: Sendable, Equatable {
  /// dB at ``ThirdOctaves/centres``.
  public let decibels: [Double]

  /// More is not a colour any more, but a band in which there is nothing but noise.
  public static let limit = 15.0

  /// - Precondition: there is a number for each of ``ThirdOctaves/centres``, within ±``limit``.
  public init(decibels: [Double]) {
    precondition(decibels.count == ThirdOctaves.centres.count && decibels.allSatisfy { abs($0) <= Self.limit })
    self.decibels = decibels
  }

  /// The filter that brings `measured` to the colour of `reference`, both in dB for each third of an octave, smoothed over
  /// three of them and limited.
  ///
  /// - Parameter gain: dB that are added to all thirds beside the filter.
  public init(from measured: [Double], to reference: [Double], gain: Double) {
    self.init(limiting: ThirdOctaves.smoothed(zip(reference, measured).map { $0 - $1 - gain }))
  }

  /// - Parameter decibels: for each of ``ThirdOctaves/centres``; what lies beyond ``limit`` is cut off.
  public init(limiting decibels: [Double]) {
    self.init(decibels: decibels.map { min(max($0, -Self.limit), Self.limit) })
  }

  /// dB at `frequency`, between the thirds by the logarithm of the frequency; beyond them as in the last.
  public func decibels(at frequency: Double) -> Double {
    let position = ThirdOctaves.position(of: max(frequency, 1))
    let index = min(max(position, 0), Double(decibels.count - 1))
    let low = Int(index)
    let high = min(low + 1, decibels.count - 1)
    return decibels[low] + (index - Double(low)) * (decibels[high] - decibels[low])
  }

  /// The factor of the amplitude at `frequency`.
  public func amplitude(at frequency: Double) -> Float { Float(pow(10, decibels(at: frequency) / 20)) }
}

/// Thirds of an octave from 50 Hz to 16 kHz (IEC 61260, base 2).
public enum ThirdOctaves {
  /// Hz.
  public static let centres = (0..<26).map { 50 * pow(2, Double($0) / 3) }

  /// The mean of `decibels` from 200 Hz to 3.2 kHz, where every input has something.
  public static func level(_ decibels: [Double]) -> Double {
    let middle = decibels[6...18]
    return middle.reduce(0, +) / Double(middle.count)
  }

  /// Each third with a quarter of its neighbours.
  public static func smoothed(_ decibels: [Double]) -> [Double] {
    let last = decibels.count - 1
    return decibels.indices.map {
      decibels[max(0, $0 - 1)] / 4 + decibels[$0] / 2 + decibels[min(last, $0 + 1)] / 4
    }
  }

  /// Where `frequency` lies among the centres.
  static func position(of frequency: Double) -> Double { 3 * log2(frequency / 50) }
}

/// The long-term spectrum of what comes in: the power in each third of an octave, in blocks of 3 s, of which the decibels
/// are averaged. Loud passages count no more than others then, and silence does not count.
public struct LongTermSpectrum {
  private let transform: RealFFT
  private let window: [Float]
  private let bins: [Range<Int>]
  private var frame: [Float] = []
  private var power: [Float]
  private var block: [Double]
  private var blockFrames = 0
  private let framesInBlock: Int
  private var sums: [Double]
  private let rate: Int

  /// Blocks that were loud enough.
  public private(set) var blockCount = 0
  /// Seconds of a block, about.
  public static let blockSeconds = 3.0
  /// Seconds of a block: a whole number of frames.
  public let exactBlockSeconds: Double
  /// Mean square of a block, dB of full scale, below which it is silence.
  public static let threshold = -65.0

  private static let frameLength = 8192

  /// - Parameter rate: Hz, at least 4000.
  public init(rate: Int) {
    self.rate = rate
    transform = RealFFT(length: Self.frameLength)
    window = periodicHannWindow(length: Self.frameLength)
    let width = Double(rate) / Double(Self.frameLength)
    let count = transform.binCount
    bins = ThirdOctaves.centres.map { centre in
      let low = Int((centre * pow(2, -1.0 / 6) / width).rounded())
      let high = Int((centre * pow(2, 1.0 / 6) / width).rounded())
      return min(low, count)..<min(max(high, low + 1), count)
    }
    power = Array(repeating: 0, count: count)
    block = Array(repeating: 0, count: ThirdOctaves.centres.count)
    sums = block
    framesInBlock = max(1, Int(Self.blockSeconds * Double(rate) / Double(Self.frameLength)))
    exactBlockSeconds = Double(framesInBlock * Self.frameLength) / Double(rate)
    frame.reserveCapacity(Self.frameLength)
  }

  /// - Parameter onBlock: called with the dB of each block that was loud enough.
  public mutating func add(_ samples: Span<Float>, onBlock: (_ decibels: [Double]) -> Void = { _ in }) {
    for index in samples.indices {
      frame.append(samples[index])
      if frame.count == Self.frameLength { closeFrame(onBlock) }
    }
  }

  /// Forgets what has come of the block that is not full yet.
  public mutating func dropBlock() {
    frame.removeAll(keepingCapacity: true)
    blockFrames = 0
    for index in block.indices { block[index] = 0 }
  }

  private mutating func closeFrame(_ onBlock: (_ decibels: [Double]) -> Void) {
    for index in frame.indices { frame[index] *= window[index] }
    transform.powerSpectrum(of: frame, into: &power)
    frame.removeAll(keepingCapacity: true)
    // Both halves of the spectrum, and a Hann window that lets 3/8 of the energy through.
    let scale = 2 / (0.375 * Double(Self.frameLength) * Double(Self.frameLength))
    for (index, range) in bins.enumerated() {
      block[index] += scale * range.reduce(0.0) { $0 + Double(power[$1]) }
    }
    blockFrames += 1
    guard blockFrames == framesInBlock else { return }
    let means = block.map { $0 / Double(framesInBlock) }
    if 10 * log10(means.reduce(0, +) + 1e-20) > Self.threshold {
      let decibels = means.map { 10 * log10($0 + 1e-14) }
      for index in sums.indices { sums[index] += decibels[index] }
      blockCount += 1
      onBlock(filled(decibels))
    }
    for index in block.indices { block[index] = 0 }
    blockFrames = 0
  }

  /// dB of full scale in each of ``ThirdOctaves/centres``; nil without a block that was loud enough. Thirds beyond half
  /// the rate have the value of the last one below it.
  public var decibels: [Double]? {
    guard blockCount > 0 else { return nil }
    return filled(sums.map { $0 / Double(blockCount) })
  }

  /// Thirds beyond half the rate have the value of the last one below it.
  private func filled(_ decibels: [Double]) -> [Double] {
    let known = bins.lastIndex { $0.upperBound < transform.binCount } ?? 0
    return decibels.indices.map { decibels[min($0, known)] }
  }
}

/// What a calibration compares with: the spectrum of what is played, as it was recorded.
public enum ReferenceSpectrum {
  /// dB of full scale in each of ``ThirdOctaves/centres``: the mean over the songs that the shipped model was trained on,
  /// as ``LongTermSpectrum`` measures it.
  public static let music: [Double] = [
    -39.3, -37.4, -34.3, -32.2, -31.6, -31.1, -30.1, -30.4, -30.4, -31.2, -31.9, -31.9, -33.0, -34.3, -35.0, -35.9,
    -37.2,
    -38.3, -40.0, -42.3, -44.9, -46.9, -48.9, -51.3, -54.9, -63.0,
  ]

  /// The same of ``PinkNoise``.
  public static let pinkNoise: [Double] = {
    var noise = PinkNoise()
    var spectrum = LongTermSpectrum(rate: PinkNoise.rate)
    let samples = (0..<30 * PinkNoise.rate).map { _ in noise.next() }
    spectrum.add(samples.span)
    return spectrum.decibels ?? music
  }()
}

/// Noise with as much power in each octave, for measuring a venue: white noise through a filter of three poles and zeros
/// (Kellet, after Larry Trammell), as loud as the music that the models were trained on. The same in every run.
public struct PinkNoise {
  /// Hz.
  public static let rate = 48_000
  private var state: (Float, Float, Float) = (0, 0, 0)
  private var random: UInt64 = 1

  public init() {}

  public mutating func next() -> Float {
    // A linear congruential generator (Knuth, "The art of computer programming", volume 2), of which the high bits count.
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let white = Float(Int64(bitPattern: random) >> 40) / Float(1 << 23)
    state.0 = 0.99765 * state.0 + white * 0.0990460
    state.1 = 0.96300 * state.1 + white * 0.2965164
    state.2 = 0.57000 * state.2 + white * 1.0526913
    return Self.amplitude * (state.0 + state.1 + state.2 + white * 0.1848)
  }

  /// Brings it to -17.4 LUFS.
  private static let amplitude: Float = 0.0796
}
