internal import Glibc
public import SignalProcessing

/// Descriptors of timbre and harmony as librosa 0.11 computes them (McFee and others, "librosa: audio and music signal
/// analysis in Python", 2015), over a window of 3 s: 40 mel-frequency cepstral coefficients, 12 pitch classes, 128 mel
/// bands, 7 bands of spectral contrast and 6 tonal centroids, of each the mean over the window's 126 frames, then of each
/// the standard deviation.
///
/// Frames lie at multiples of 512 samples from the start of the stream, without librosa's padding, and the tuning is taken
/// to be right: what librosa finds out about a whole file is not known live. The tonal centroids are those of the pitch
/// classes above; librosa's own default takes a constant-Q transform that hears 0.8 s of the future.
public struct LibrosaFeatures: AudioEmbedder {
  public static let identifier = "librosa-386"

  public var identifier: String { Self.identifier }
  public var sampleRate: Int { 22_050 }
  public var windowLength: Int { 66_150 }
  public var windowStep: Int { Self.frameStep }
  public var dimension: Int { 2 * Self.descriptorCount }

  /// Values of a frame, of which mean and deviation are told.
  static let descriptorCount =
    cepstrumCount + ChromaFilterBank.count + bandCount + SpectralContrast.bandCount
    + TonalCentroid.count

  private static let frameLength = 2048
  private static let frameStep = 512
  private static let bandCount = 128
  private static let cepstrumCount = 40
  /// What lies further below the loudest of a window counts as so far below it (dB).
  private static let dynamicRange: Float = 80

  /// Where the values of a frame lie: the mel bands in dB come first, for they are looked at as a whole.
  private enum Place {
    static let level = 0
    static let chroma = bandCount
    static let mel = chroma + ChromaFilterBank.count
    static let contrast = mel + bandCount
    static let centroid = contrast + 2 * SpectralContrast.bandCount
    static let end = centroid + TonalCentroid.count
  }

  private var spectrum: FilteredSpectrum
  private var ring = FrameRing(width: Place.end)
  private let melBank: MelFilterBank
  private let chromaBank: ChromaFilterBank
  private let contrast: SpectralContrast
  /// The first rows of the orthonormal DCT-II, `[40 × 128]`.
  private let cosines: [Float]
  private var amplitude: [Float]
  /// The descriptors of every frame, `[frames × 193]`.
  private var descriptors: [Float] = []

  public init() {
    let rate = 22_050.0
    spectrum = FilteredSpectrum(frameLength: Self.frameLength, sampleRate: rate)
    let binCount = Self.frameLength / 2 + 1
    melBank = MelFilterBank(
      bandCount: Self.bandCount, binCount: binCount, sampleRate: rate, lowest: 0, highest: rate / 2)
    chromaBank = ChromaFilterBank(frameLength: Self.frameLength, sampleRate: rate)
    contrast = SpectralContrast(frameLength: Self.frameLength, sampleRate: rate)
    cosines = (0..<Self.cepstrumCount).flatMap { row in
      let scale = ((row == 0 ? 1 : 2) / Double(Self.bandCount)).squareRoot()
      return (0..<Self.bandCount).map { band in
        Float(scale * cos(.pi * Double(row) * Double(2 * band + 1) / Double(2 * Self.bandCount)))
      }
    }
    amplitude = Array(repeating: 0, count: binCount)
  }

  public mutating func restart() { ring.restart() }

  public mutating func use(_ filter: VenueFilter?) {
    spectrum.use(filter)
    ring.restart()
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    let first = start / Self.frameStep
    let count = (window.count - Self.frameLength) / Self.frameStep + 1
    var ring = ring
    self.ring.restart()
    ring.move(to: first..<first + count) { frame, values, place in
      compute(window, startingAt: frame * Self.frameStep - start, into: &values, at: place)
    }
    self.ring = ring
    describe(count)
    let total = Self.descriptorCount
    for column in 0..<total {
      var (sum, squares) = (0.0, 0.0)
      for row in 0..<count { sum += Double(descriptors[row * total + column]) }
      let mean = sum / Double(count)
      for row in 0..<count {
        let distance = Double(descriptors[row * total + column]) - mean
        squares += distance * distance
      }
      embedding[column] = Float(mean)
      embedding[total + column] = Float((squares / Double(count)).squareRoot())
    }
  }

  /// What of a frame does not depend on the window that it lies in.
  private mutating func compute(_ window: Span<Float>, startingAt start: Int, into values: inout [Float], at place: Int)
  {
    spectrum.compute(window, startingAt: start)
    for bin in amplitude.indices { amplitude[bin] = spectrum.power[bin].squareRoot() }
    melBank.apply(to: spectrum.power, into: &values, at: place + Place.mel)
    for band in 0..<Self.bandCount {
      values[place + Place.level + band] = 10 * log10f(max(1e-10, values[place + Place.mel + band]))
    }
    chromaBank.apply(to: spectrum.power, into: &values, at: place + Place.chroma)
    contrast.apply(to: amplitude, into: &values, at: place + Place.contrast)
    TonalCentroid.apply(toClassesAt: place + Place.chroma, of: &values, at: place + Place.centroid)
  }

  /// The descriptors of the window's frames.
  private mutating func describe(_ count: Int) {
    let total = Self.descriptorCount
    descriptors.removeAll(keepingCapacity: true)
    descriptors.append(contentsOf: repeatElement(0, count: count * total))
    let peaks = Place.contrast..<Place.contrast + SpectralContrast.bandCount
    let valleys = peaks.upperBound..<peaks.upperBound + SpectralContrast.bandCount
    let levelFloor = ring.maximum(ofColumns: 0..<Self.bandCount) - Self.dynamicRange
    let peakFloor = ring.maximum(ofColumns: peaks) - Self.dynamicRange
    let valleyFloor = ring.maximum(ofColumns: valleys) - Self.dynamicRange
    var levels = [Float](repeating: 0, count: Self.bandCount)
    for row in 0..<count {
      var place = row * total
      for band in levels.indices { levels[band] = max(ring[row, Place.level + band], levelFloor) }
      for coefficient in 0..<Self.cepstrumCount {
        var sum: Float = 0
        let cosines = coefficient * Self.bandCount
        for band in levels.indices { sum += self.cosines[cosines + band] * levels[band] }
        descriptors[place] = sum
        place += 1
      }
      // Pitch classes and mel bands, in their order.
      for column in Place.chroma..<Place.contrast {
        descriptors[place] = ring[row, column]
        place += 1
      }
      for band in 0..<SpectralContrast.bandCount {
        descriptors[place] =
          max(ring[row, peaks.lowerBound + band], peakFloor) - max(ring[row, valleys.lowerBound + band], valleyFloor)
        place += 1
      }
      for column in Place.centroid..<Place.end {
        descriptors[place] = ring[row, column]
        place += 1
      }
    }
  }
}
