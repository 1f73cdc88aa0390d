/// The power spectrum of single frames under a periodic Hann window, with the colour of a venue taken out.
public struct FilteredSpectrum {
  public let frameLength: Int
  /// Of the last frame, `[bins]`.
  public private(set) var power: [Float]

  private let sampleRate: Double
  private let window: [Float]
  private let transform: RealFFT
  private var frame: [Float]
  /// What the power of each bin is multiplied with; empty for 1.
  private var factors: [Float] = []

  public init(frameLength: Int, sampleRate: Double) {
    self.frameLength = frameLength
    self.sampleRate = sampleRate
    window = periodicHannWindow(length: frameLength)
    transform = RealFFT(length: frameLength)
    frame = Array(repeating: 0, count: frameLength)
    power = Array(repeating: 0, count: transform.binCount)
  }

  /// Changes the colour of what is heard from now on; nil for none.
  public mutating func use(_ filter: VenueFilter?) {
    let width = sampleRate / Double(frameLength)
    factors =
      filter.map { filter in
        power.indices.map { bin in
          let amplitude = filter.amplitude(at: Double(bin) * width)
          return amplitude * amplitude
        }
      } ?? []
  }

  /// Takes in the frame of `audio` that begins at `start`.
  public mutating func compute(_ audio: Span<Float>, startingAt start: Int) {
    for index in frame.indices { frame[index] = audio[start + index] * window[index] }
    transform.powerSpectrum(of: frame, into: &power)
    for bin in factors.indices { power[bin] *= factors[bin] }
  }
}
