internal import Glibc
public import SignalProcessing

/// Descriptors of sound as the challenge ComParE has them, over a window of 1 s: the means of the descriptors of a frame and
/// of their deltas, then the standard deviations of both.
///
/// The descriptors are those of Weninger and others, "On the acoustics of emotion in audio: what speech, music, and sound
/// have in common", 2013, as Eyben defines them in "Real-time Speech and Music Classification by Large Audio Feature Space
/// Extraction", 2016. What the books leave open was found by comparing with the numbers that openSMILE 2.6 gives for
/// synthetic audio: its frames, its scales, and how it begins and ends.
///
/// Frames lie at multiples of 10 ms from the start of the stream. A window's values depend on its own samples only: at its
/// first frame RASTA's filter begins and the flux is 0. The filter of a venue changes what is made of spectra, and the
/// energy; zero crossings, jitter and shimmer it does not change.
public struct Compare260: AudioEmbedder {
  public static let identifier = "compare-260"

  public var identifier: String { Self.identifier }
  public var sampleRate: Int { Int(CompareShortFrames.sampleRate) }
  public var windowLength: Int { Self.windowLength }
  public var windowStep: Int { CompareShortFrames.step }
  public var dimension: Int { 4 * CompareDescriptor.all.count }

  /// `compare_loudness_mean` and so on, `compare_loudness_delta_mean` and so on, then `compare_loudness_std` and so on.
  public var valueNames: [String] {
    Self.statistics.flatMap { statistic in CompareDescriptor.all.map { "\($0.name)_\(statistic)" } }
  }

  /// Of the powers all but the means of the deltas, which have either sign.
  public var logarithmicValues: [Int] {
    let width = CompareDescriptor.all.count
    let powers = CompareDescriptor.all.indices.filter { CompareDescriptor.all[$0].isPower }
    return Self.statistics.indices.filter { Self.statistics[$0] != "delta_mean" }
      .flatMap { statistic in powers.map { statistic * width + $0 } }
  }

  private static let statistics = ["mean", "delta_mean", "std", "delta_std"]
  private static let windowLength = 16_000
  /// The frames that lie in a window.
  private static let longCount = (windowLength - CompareLongFrames.length) / VoiceFrames.step + 1
  private static let shortCount = (windowLength - CompareShortFrames.length) / CompareShortFrames.step + 1
  /// Frames that are told: openSMILE tells one more than there are long frames, so of these the last stands for one more.
  private static let frameCount = longCount + 1
  /// Rows of ``DeltaStatistics/frames``.
  private static let rowCount = frameCount + 4

  private static let shortPlaces = CompareDescriptor.places(of: .short)
  private static let longPlaces = CompareDescriptor.places(of: .long)

  private var shortFrames = CompareShortFrames()
  private var longFrames = CompareLongFrames(windowLength: windowLength)
  private let filter = RastaFilter(frameRate: CompareShortFrames.sampleRate / Double(CompareShortFrames.step))
  /// What the bands of hearing give in silence, `[bands]`.
  private let bandLoudness: [Float]
  /// Of RASTA's filter, `[short frames × bands]`.
  private var bands = [Float](repeating: 0, count: shortCount * CompareShortFrames.bandCount)
  private var statistics = DeltaStatistics(
    width: CompareDescriptor.all.count, count: frameCount, heldCount: CompareDescriptor.heldCount)

  public init() {
    bandLoudness = shortFrames.equalLoudness.map { powf($0, EqualLoudness.exponent) }
  }

  public mutating func restart() {
    shortFrames.restart()
    longFrames.restart()
  }

  public mutating func use(_ filter: VenueFilter?) {
    shortFrames.use(filter)
    longFrames.use(filter)
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    let first = start / CompareShortFrames.step
    shortFrames.move(to: first..<first + Self.shortCount, in: window, startingAt: start)
    longFrames.move(to: window, startingAt: start)
    collect()
    applyFilter()
    statistics.summarize(into: &embedding)
  }

  /// The smoothed descriptors of the last window's frames, `[96 × descriptors]`.
  package var smoothedFrames: [Float] { Array(statistics.smoothed) }
  /// Their deltas, of the same shape.
  package var deltas: [Float] { statistics.deltas }

  /// Takes the descriptors of the window's frames out of the rings.
  private mutating func collect() {
    let width = CompareDescriptor.all.count
    for row in 0..<Self.rowCount {
      let frame = max(0, row - 1)
      let (shortRow, longRow) = (min(frame, Self.shortCount - 1), min(frame, Self.longCount - 1))
      shortFrames.ring.withFrame(shortRow) { values in
        for (place, value) in zip(Self.shortPlaces, values) { statistics.frames[row * width + place] = value }
      }
      longFrames.write(longRow, to: Self.longPlaces, of: &statistics.frames, at: row * width)
      if frame == 0 { statistics.frames[row * width + Self.shortPlaces[CompareShortFrames.Place.flux]] = 0 }
    }
  }

  /// Puts RASTA's bands in the place of their logarithms, and their mean.
  private mutating func applyFilter() {
    let (width, count) = (CompareDescriptor.all.count, CompareShortFrames.bandCount)
    let place = Self.shortPlaces[CompareShortFrames.Place.bands]
    let meanPlace = Self.shortPlaces[CompareShortFrames.Place.rastaLoudness]
    for row in 0..<Self.shortCount {
      for band in 0..<count { bands[row * count + band] = statistics.frames[(row + 1) * width + place + band] }
    }
    filter.apply(to: &bands, channelCount: count)
    for row in 0..<Self.rowCount {
      let frame = max(0, row - 1)
      var sum: Float = 0
      for band in 0..<count {
        let loudness = expf(EqualLoudness.exponent * bands[frame * count + band]) * bandLoudness[band]
        statistics.frames[row * width + place + band] = loudness
        sum += loudness
      }
      statistics.frames[row * width + meanPlace] = sum / Float(count)
    }
  }
}
