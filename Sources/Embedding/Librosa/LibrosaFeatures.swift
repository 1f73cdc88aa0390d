internal import Glibc
public import SignalProcessing

/// Descriptors of timbre and harmony as librosa 0.11 computes them (McFee and others, "librosa: audio and music signal
/// analysis in Python", 2015), over a window of 3 s: 40 mel-frequency cepstral coefficients, 12 pitch classes, 128 mel
/// bands, 7 bands of spectral contrast and 6 tonal centroids, of each the mean over the window's 126 frames, then of each
/// the standard deviation. Or those with 20 cepstral coefficients, ``Selection/cepstra20``.
///
/// Frames lie at multiples of 512 samples from the start of the stream, without librosa's padding, and the tuning is taken
/// to be right: what librosa finds out about a whole file is not known live. The tonal centroids are those of the pitch
/// classes above; librosa's own default takes a constant-Q transform that hears 0.8 s of the future.
public struct LibrosaFeatures: AudioEmbedder {
  /// Which of the values there are. The raw values are the identifiers.
  public enum Selection: String, Sendable {
    /// All.
    case all = "librosa-386"
    /// Without the upper 20 cepstral coefficients: the descriptors of a frame are 173.
    case cepstra20 = "librosa-346"

    /// Cepstral coefficients of a frame.
    var cepstrumCount: Int { self == .all ? LibrosaFeatures.cepstrumCount : 20 }
  }

  public let selection: Selection

  public var identifier: String { selection.rawValue }
  public var sampleRate: Int { LibrosaFrames.sampleRate }
  public var windowLength: Int { Self.windowLength }
  public var windowStep: Int { LibrosaFrames.step }
  public var dimension: Int { 2 * columns.count }

  /// `mfcc_1_mean` and so on for the means of `mfcc`, `chroma`, `mel`, `contrast` and `tonnetz`, then `mfcc_1_std` and so
  /// on.
  public var valueNames: [String] {
    let groups = [
      ("mfcc", selection.cepstrumCount), ("chroma", ChromaFilterBank.count), ("mel", Self.bandCount),
      ("contrast", SpectralContrast.bandCount), ("tonnetz", TonalCentroid.count),
    ]
    let names = groups.flatMap { name, count in (1...count).map { "\(name)_\($0)" } }
    return ["mean", "std"].flatMap { statistic in names.map { "\($0)_\(statistic)" } }
  }

  /// The mel bands.
  public var logarithmicValues: [Int] {
    let first = selection.cepstrumCount + ChromaFilterBank.count
    return [first, columns.count + first].flatMap { $0..<$0 + Self.bandCount }
  }

  /// Values of a frame, of which mean and deviation are computed.
  static let descriptorCount =
    cepstrumCount + ChromaFilterBank.count + bandCount + SpectralContrast.bandCount
    + TonalCentroid.count

  private static let windowLength = 66_150
  private static let frameCount = (windowLength - LibrosaFrames.length) / LibrosaFrames.step + 1
  private static let bandCount = LibrosaFrames.bandCount
  private static let cepstrumCount = 40

  /// Where the values of a frame lie in the ring: the descriptors first, as far as they do not depend on the window.
  private enum Place {
    static let cepstrum = 0
    static let chroma = cepstrumCount
    static let mel = chroma + ChromaFilterBank.count
    static let contrast = mel + bandCount
    static let centroid = contrast + SpectralContrast.bandCount
    static let peaks = centroid + TonalCentroid.count
    static let valleys = peaks + SpectralContrast.bandCount
    /// The mel bands in dB.
    static let levels = valleys + SpectralContrast.bandCount
    static let end = levels + bandCount
  }

  /// The descriptors that are told.
  private let columns: [Int]
  private var spectra: FilteredSpectra
  private var ring = FrameRing(width: Place.end)
  private let melBank: MelFilterBank
  private let chromaBank: ChromaFilterBank
  private let contrast: SpectralContrast
  private let cepstrum = Cepstrum(count: cepstrumCount, bandCount: bandCount)
  private var amplitude: [Float]
  private var levels = [Float](repeating: 0, count: bandCount)
  /// The descriptors of every frame, `[frames × 193]`.
  private var descriptors: [Float]
  private var statistics = ColumnStatistics(width: descriptorCount)

  public init(_ selection: Selection = .all) {
    self.selection = selection
    columns = Array(0..<selection.cepstrumCount) + Array(Place.chroma..<Self.descriptorCount)
    let rate = Double(LibrosaFrames.sampleRate)
    spectra = LibrosaFrames.makeSpectra()
    melBank = LibrosaFrames.makeMelBank()
    chromaBank = ChromaFilterBank(frameLength: LibrosaFrames.length, sampleRate: rate)
    contrast = SpectralContrast(frameLength: LibrosaFrames.length, sampleRate: rate)
    amplitude = Array(repeating: 0, count: LibrosaFrames.length / 2 + 1)
    descriptors = Array(repeating: 0, count: Self.frameCount * Self.descriptorCount)
  }

  public mutating func restart() { ring.restart() }

  public mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    ring.restart()
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    let first = start / LibrosaFrames.step
    var ring = ring
    self.ring = FrameRing(width: 0)
    ring.move(to: first..<first + Self.frameCount) { frames, values, place in
      compute(
        window, from: frames.lowerBound * LibrosaFrames.step - start, count: frames.count, into: &values, at: place)
    }
    self.ring = ring
    describe()
    summarize(into: &embedding)
  }

  /// What of the new frames does not depend on the window that they lie in.
  private mutating func compute(
    _ window: Span<Float>, from start: Int, count: Int, into values: inout [Float], at place: Int
  ) {
    var spectra = spectra
    spectra.compute(window, startingAt: start, count: count) { frame, power in
      let place = place + frame * Place.end
      var amplitudes = amplitude.mutableSpan
      let powers = power.span
      for bin in amplitudes.indices { amplitudes[bin] = powers[bin].squareRoot() }
      melBank.apply(to: power, into: &values, at: place + Place.mel)
      var described = values.mutableSpan
      var levels = levels.mutableSpan
      for band in levels.indices {
        levels[band] = 10 * log10f(max(1e-10, described[place + Place.mel + band]))
        described[place + Place.levels + band] = levels[band]
      }
      cepstrum.apply(to: self.levels, into: &values, at: place + Place.cepstrum)
      chromaBank.apply(to: power, into: &values, at: place + Place.chroma)
      contrast.apply(to: amplitude, into: &values, at: place + Place.peaks)
      TonalCentroid.apply(toClassesAt: place + Place.chroma, of: &values, at: place + Place.centroid)
    }
  }

  /// The descriptors of the window's frames. What depends on the window is how far below the loudest a level may lie.
  private mutating func describe() {
    let total = Self.descriptorCount
    let levelColumns = Place.levels..<Place.levels + Self.bandCount
    let peaks = Place.peaks..<Place.peaks + SpectralContrast.bandCount
    let valleys = Place.valleys..<Place.valleys + SpectralContrast.bandCount
    let levelFloor = ring.maximum(ofColumns: levelColumns) - LibrosaFrames.dynamicRange
    let peakFloor = ring.maximum(ofColumns: peaks) - LibrosaFrames.dynamicRange
    let valleyFloor = ring.maximum(ofColumns: valleys) - LibrosaFrames.dynamicRange
    for row in 0..<Self.frameCount {
      ring.withFrame(row) { frame in
        let values = frame.span
        var described = descriptors.mutableSpan
        for column in 0..<total { described[row * total + column] = values[column] }
        for band in 0..<SpectralContrast.bandCount {
          described[row * total + Place.contrast + band] =
            max(values[peaks.lowerBound + band], peakFloor) - max(values[valleys.lowerBound + band], valleyFloor)
        }
        // Seldom: music fills its bands.
        let bands = values.extracting(levelColumns)
        var isFloored = false
        for band in bands.indices where bands[band] < levelFloor { isFloored = true }
        guard isFloored else { return }
        for band in bands.indices { levels[band] = max(bands[band], levelFloor) }
        cepstrum.apply(to: levels, into: &descriptors, at: row * total + Place.cepstrum)
      }
    }
  }

  /// Mean and standard deviation of each descriptor over the frames.
  private mutating func summarize(into embedding: inout [Float]) {
    statistics.compute(descriptors, rows: 0..<Self.frameCount)
    for (place, column) in columns.enumerated() {
      embedding[place] = Float(statistics.means[column])
      embedding[columns.count + place] = Float(statistics.deviations[column])
    }
  }
}
