internal import FastKernels
internal import Glibc

/// Tells speech from music.
///
/// Blocks of 1.6 s are described by eight numbers (``Description``), of which a logistic curve makes the odds of speech.
/// Five blocks in a row, 8 s, must be sure of it before it counts as speech; two that are not, 3.2 s, end that. It is
/// meant to be wrong on the side of music: docs/models.md has how often. Nothing in it depends on the colour of the
/// sound: the bass that tells music through a line is not there through a small microphone.
///
/// That music is told by partials that last is from Seyerlehner, Pohle, Schedl and Widmer ("Automatic music detection in
/// television productions", DAFx 2007); pauses and modulation as signs of speech are from Scheirer and Slaney
/// ("Construction and evaluation of a robust multifeature speech/music discriminator", ICASSP 1997).
public struct MusicDetector {
  /// What is heard.
  public enum Sound: Sendable {
    case music, speech
  }

  /// What is heard at present. Music, as long as nothing else is certain.
  public private(set) var sound = Sound.music

  private let frames: FrameReader
  private var block: Block
  /// The newest blocks that were loud enough, oldest first.
  private var blocks: [Description] = []

  /// Blocks that must be sure of speech.
  private static let blocksToLeave = 5
  /// Blocks of which the mean ends it.
  private static let blocksToReturn = 2

  /// Hz. Below it there is too little of the spectrum.
  public static let leastRate = 8000

  /// - Parameter rate: Hz, ``leastRate`` or more.
  public init(rate: Int) {
    frames = FrameReader(rate: rate)
    block = Block(binCount: frames.binCount)
    blocks.reserveCapacity(Self.blocksToLeave + 1)
  }

  public mutating func add(_ samples: Span<Float>) {
    frames.add(samples) { power in
      block.add(power)
      guard block.isFull else { return }
      if let description = block.describe() { judge(description) }
      block.restart()
    }
  }

  private mutating func judge(_ description: Description) {
    if blocks.count == Self.blocksToLeave { blocks.removeFirst() }
    blocks.append(description)
    if sound == .speech, Self.mean(blocks.suffix(Self.blocksToReturn), \.speechOdds) < Self.returnOdds {
      sound = .music
    }
    guard blocks.count == Self.blocksToLeave, Self.mean(blocks[...], \.continuity) <= Self.mostContinuity else {
      return
    }
    let least = blocks.map(\.speechOdds).min() ?? 0
    if Self.mean(blocks[...], \.speechOdds) >= Self.sureOdds, least >= Self.leastOdds { sound = .speech }
  }

  private static func mean(_ blocks: ArraySlice<Description>, _ value: KeyPath<Description, Double>) -> Double {
    blocks.reduce(0) { $0 + $1[keyPath: value] } / Double(max(1, blocks.count))
  }

  /// Logits that the mean of five blocks, and each of them, must reach.
  private static let sureOdds = 2.7
  private static let leastOdds = 1.0
  /// What rests on partials that last is music, whatever the odds.
  private static let mostContinuity = 2.2
  /// Logit below which the mean of two blocks ends it.
  private static let returnOdds = 0.5

  // MARK: - Frames

  /// Power spectra of overlapping frames of 64 ms every 16 ms, in bins of some 15.6 Hz up to 8 kHz, whatever the rate.
  private final class FrameReader {
    let binCount: Int
    private let step: Int
    private let transform: RealFFT
    private let window: [Float]
    private let scale: Float
    /// The newest samples, oldest first.
    private let samples: AlignedBuffer
    private var filled = 0
    private var frame: [Float]
    private var power: [Float]

    init(rate: Int) {
      let length = 64 * Self.milliseconds(rate)
      step = max(1, Int((0.016 * Double(rate)).rounded()))
      transform = RealFFT(length: length)
      window = periodicHannWindow(length: length)
      // Both halves of the spectrum, and a Hann window that lets 3/8 of the energy through.
      scale = 2 / (0.375 * Float(length) * Float(length))
      binCount = min(513, transform.binCount)
      frame = Array(repeating: 0, count: length)
      power = Array(repeating: 0, count: transform.binCount)
      samples = AlignedBuffer(count: length)
    }

    /// Samples of a millisecond, or one more or less where the transform is much faster then, being without a factor above
    /// 5: at 44.1 kHz 45 and not 44. Where one sample is more than a few percent, it stays as it is.
    private static func milliseconds(_ rate: Int) -> Int {
      let nearest = max(2, Int((0.001 * Double(rate)).rounded()))
      guard nearest >= 40 else { return nearest }
      return [nearest, nearest + 1, nearest - 1].first { number in
        var rest = number
        for factor in [2, 3, 5] { while rest > 1 && rest % factor == 0 { rest /= factor } }
        return rest == 1
      } ?? nearest
    }

    func add(_ new: Span<Float>, body: (Span<Float>) -> Void) {
      var start = 0
      while start < new.count {
        let count = min(new.count - start, samples.count - filled)
        let target = samples.pointer + filled
        for index in 0..<count { target[index] = new[start + index] }
        start += count
        filled += count
        guard filled == samples.count else { return }
        for index in frame.indices { frame[index] = samples.pointer[index] * window[index] }
        transform.powerSpectrum(of: frame, into: &power)
        for bin in 0..<binCount { power[bin] *= scale }
        samples.shift(by: step)
        filled -= step
        body(power.span.extracting(first: binCount))
      }
    }
  }

  // MARK: - Blocks

  /// A hundred frames, 1.6 s.
  private struct Block {
    private let bins: Range<Int>
    private let flatBins: Range<Int>
    private var count = 0
    /// Of each frame: power, flatness, and the level of each band in dB.
    private var powers: [Double] = []
    private var flatness: [Double] = []
    private var bands: [[Double]]
    /// Of each bin: frames in which it stands out, and how many of them in a row up to now.
    private var active: [Int]
    private var run: [Int]
    /// Bins that have stood out for a quarter of a second, over all frames.
    private var sustained = 0
    /// The square roots of the last frame's shares of power, and how much they have changed, over all frames.
    private var lastShape: [Double]
    private var change = 0.0
    private var levels: [Double]
    private var sums: [Double]

    static let frameCount = 100
    private static let edges = [4, 8, 13, 20, 32, 50, 80, 128, 200, 320, 500]
    /// Bins on either side that a bin is compared with, and dB that it must be above their mean.
    private static let neighbours = 10
    private static let prominence = 3.0
    /// Frames in a row that make a partial.
    private static let partial = 16
    /// Mean power of a block, dB of full scale, below which nothing is said of it.
    private static let threshold = -60.0

    init(binCount: Int) {
      bins = 4..<min(400, binCount)
      flatBins = 10..<min(400, binCount)
      bands = Array(repeating: [], count: Self.edges.count - 1)
      active = Array(repeating: 0, count: bins.count)
      run = active
      levels = Array(repeating: 0, count: bins.count)
      lastShape = Array(repeating: 0, count: binCount)
      sums = Array(repeating: 0, count: bins.count + 1)
    }

    var isFull: Bool { count == Self.frameCount }

    mutating func restart() {
      count = 0
      powers.removeAll(keepingCapacity: true)
      flatness.removeAll(keepingCapacity: true)
      for band in bands.indices { bands[band].removeAll(keepingCapacity: true) }
      for index in active.indices { (active[index], run[index]) = (0, 0) }
      sustained = 0
      change = 0
    }

    mutating func add(_ power: Span<Float>) {
      count += 1
      var total = 0.0
      // Without an offset, whose window reaches one bin further.
      for bin in 2..<power.count { total += Double(power[bin]) }
      powers.append(total)
      for bin in 2..<power.count {
        let shape = (Double(power[bin]) / (total + 1e-12)).squareRoot()
        if count > 1 { change += abs(shape - lastShape[bin]) }
        lastShape[bin] = shape
      }
      for (band, (low, high)) in zip(Self.edges, Self.edges.dropFirst()).enumerated() {
        var sum = 1e-10
        for bin in min(low, power.count)..<min(high, power.count) { sum += Double(power[bin]) }
        bands[band].append(10 * log10(sum))
      }
      var (logarithms, sum) = (0.0, 0.0)
      for bin in flatBins {
        logarithms += Self.commonLogarithm(power[bin] + 1e-12)
        sum += Double(power[bin])
      }
      let width = Double(flatBins.count)
      flatness.append(logarithms / width - log10(sum / width + 1e-12))
      standOut(power)
    }

    /// In single precision by way of base 2, which the C library has fast: it is taken 50,000 times a second.
    private static func commonLogarithm(_ x: Float) -> Double { Double(log2(x)) * 0.301_029_995_663_981_2 }

    /// Finds the bins that stand out from their neighbours.
    private mutating func standOut(_ power: Span<Float>) {
      for (index, bin) in bins.enumerated() {
        levels[index] = 10 * Self.commonLogarithm(power[bin] + 1e-10)
        sums[index + 1] = sums[index] + levels[index]
      }
      for index in levels.indices {
        let low = max(0, index - Self.neighbours)
        let high = min(levels.count, index + Self.neighbours + 1)
        let mean = (sums[high] - sums[low]) / Double(high - low)
        if levels[index] - mean > Self.prominence {
          active[index] += 1
          run[index] += 1
          if run[index] >= Self.partial { sustained += 1 }
        } else {
          run[index] = 0
        }
      }
    }

    /// Nil if the block is not loud enough.
    func describe() -> Description? {
      let count = Double(Self.frameCount)
      let mean = powers.reduce(0, +) / count
      guard 10 * log10(mean + 1e-12) > Self.threshold else { return nil }
      let amplitudes = powers.map { $0.squareRoot() }
      let half = amplitudes.reduce(0, +) / count / 2
      let shares = active.map { Double($0) / count }
      let peaks = (1..<shares.count - 1).map { max(0, shares[$0] - min(shares[$0 - 1], shares[$0 + 1])) }
      return Description(
        continuity: peaks.sorted(by: >).prefix(5).reduce(0, +),
        partials: log(Double(sustained) / count + 0.5),
        levelDeviation: log(min(max(Self.deviation(powers.map { 10 * log10($0 + 1e-12) }), 0.5), 20)),
        pauses: Double(amplitudes.count { $0 < half }) / count,
        bandDeviation: log(min(max(Self.median(bands.map(Self.deviation)), 0.5), 20)),
        flatness: min(max(Self.median(flatness), -4), 0), flux: change / (count - 1),
        prominence: shares.reduce(0, +) / Double(shares.count))
    }

    private static func deviation(_ values: [Double]) -> Double {
      let mean = values.reduce(0, +) / Double(values.count)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    private static func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
  }

  /// What is known of a block.
  private struct Description {
    /// Continuous activation of frequencies (Seyerlehner and others, 2007): the five bins that stand out from their
    /// neighbours in most of the frames, summed.
    let continuity: Double
    /// log(x + 0.5), x the mean number of partials that have lasted for a quarter of a second.
    let partials: Double
    /// log of the level's standard deviation, dB.
    let levelDeviation: Double
    /// Share of frames with less than half of the mean amplitude.
    let pauses: Double
    /// log of the standard deviation of the level in a band, dB: the median of ten bands.
    let bandDeviation: Double
    /// Common logarithm of the spectrum's flatness, median over the frames.
    let flatness: Double

    /// Mean change of the spectrum's shape from frame to frame: the differences of the square roots of the shares of
    /// power, summed over the bins.
    let flux: Double
    /// Share of the bins that stand out from their neighbours.
    let prominence: Double

    /// Logit of speech: logistic regression over some 5,400 blocks of speech (five people, each in another language, and
    /// 21 synthetic voices) and 36,000 of music, both as recorded and through rooms, a telephone, a laptop's microphone
    /// and random equalisers.
    var speechOdds: Double {
      // In parts, which the compiler takes faster.
      let tones = -0.718 * continuity - 1.312 * partials + 24.994 * prominence
      let levels = 1.462 * levelDeviation + 0.142 * pauses + 4.037 * bandDeviation
      return -22.672 + tones + levels - 2.528 * flatness + 0.370 * flux
    }
  }
}
