internal import SignalProcessing

/// What ``Compare260`` hears in frames of 20 ms.
struct CompareShortFrames {
  static let sampleRate = 16_000.0
  /// Samples of a frame, and from one to the next.
  static let length = 320
  static let step = 160
  /// Samples of the transform; zeros follow the frame's.
  static let transformLength = 512
  static let bandCount = 26
  static let cepstrumCount = 14

  /// Where the values of a frame lie, in the order of ``CompareDescriptor/all``.
  enum Place {
    static let loudness = 0
    /// Not filled: it depends on the window.
    static let rastaLoudness = 1
    static let energy = 2
    /// The natural logarithms of the power in the bands; RASTA's values depend on the window.
    static let bands = 3
    static let bandEnergies = bands + bandCount
    static let rollOff = bandEnergies + 2
    /// From the frame before. Not filled in the first frame of a stream; that of a window does not count.
    static let flux = rollOff + 4
    static let shape = flux + 1
    static let cepstrum = shape + 8
    static let end = cepstrum + cepstrumCount
  }

  private(set) var ring = FrameRing(width: Place.end)
  private let analysis = CompareFrameAnalysis()
  private var spectra: FilteredSpectra
  private var isFiltered = false
  private var amplitude: [Float]
  /// Of the frame before.
  private var amplitudeBefore: [Float]

  init() {
    let window = CompareFrameAnalysis.window
    spectra = FilteredSpectra(
      frameLength: Self.transformLength, frameStep: Self.step,
      window: window + [Float](repeating: 0, count: Self.transformLength - window.count), sampleRate: Self.sampleRate)
    amplitude = Array(repeating: 0, count: CompareFrameAnalysis.binCount)
    amplitudeBefore = amplitude
  }

  /// The weights of the power in the bands by which it is heard, `[bands]`.
  var equalLoudness: [Float] { analysis.equalLoudness }

  mutating func restart() { ring.restart() }

  mutating func use(_ filter: VenueFilter?) {
    spectra.use(filter)
    isFiltered = filter != nil
    ring.restart()
  }

  /// Goes on to the frames `wanted` of the stream.
  ///
  /// - Parameters:
  ///   - window: samples that hold all of them.
  ///   - start: place of its first sample in the stream.
  mutating func move(to wanted: Range<Int>, in window: Span<Float>, startingAt start: Int) {
    ring.move(to: wanted) { frames, values, place in
      // The flux wants the spectrum of the frame before, if the window has it.
      let extra = frames.lowerBound > wanted.lowerBound ? 1 : 0
      let begin = (frames.lowerBound - extra) * Self.step - start
      spectra.compute(window, startingAt: begin, count: frames.count + extra) { frame, power in
        for bin in power.indices { amplitude[bin] = power[bin].squareRoot() }
        if frame >= extra {
          let first = begin + frame * Self.step
          let place = place + (frame - extra) * Place.end
          let samples = window.extracting(first..<first + Self.length)
          values[place + Place.energy] = analysis.energy(of: samples, power: isFiltered ? power : nil)
          values[place + Place.flux] = analysis.flux(from: amplitudeBefore, to: amplitude)
          analysis.describe(power, into: &values, at: place)
        }
        swap(&amplitude, &amplitudeBefore)
      }
    }
  }
}
