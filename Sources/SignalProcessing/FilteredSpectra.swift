internal import FastKernels

/// The power spectra of successive frames under a window, with the colour of a venue taken out.
public struct FilteredSpectra {
  private let batch: BatchSpectrum
  private let sampleRate: Double
  private var power: [Float]
  /// What the power of each bin is multiplied with; empty for 1.
  private var factors: [Float] = []

  /// - Parameters:
  ///   - frameLength: a power of two.
  ///   - frameStep: samples from one frame to the next.
  ///   - window: `[frameLength]`, nil for the periodic Hann window. One that ends in zeros makes frames that are shorter
  ///     than `frameLength`.
  public init(frameLength: Int, frameStep: Int, window: [Float]? = nil, sampleRate: Double) {
    batch = BatchSpectrum(frameLength: frameLength, frameStep: frameStep, window: window)
    self.sampleRate = sampleRate
    power = Array(repeating: 0, count: batch.binCount)
  }

  /// Changes the colour of what is heard from now on; nil for none.
  public mutating func use(_ filter: VenueFilter?) {
    let width = sampleRate / Double(batch.frameLength)
    factors =
      filter.map { filter in
        power.indices.map { bin in
          let amplitude = filter.amplitude(at: Double(bin) * width)
          return amplitude * amplitude
        }
      } ?? []
  }

  /// Computes so many frames of `audio`, the first from sample `start` on.
  ///
  /// - Parameter emit: called for each of them, with its power spectrum `[bins]`.
  public mutating func compute(
    _ audio: Span<Float>, startingAt start: Int, count: Int, emit: (_ frame: Int, _ power: [Float]) -> Void
  ) {
    let lanes = batch.lanes
    for first in stride(from: 0, to: count, by: lanes) {
      batch.compute(audio, startingAt: start + first * batch.frameStep)
      for lane in 0..<min(lanes, count - first) {
        let spectra = batch.spectra.pointer + lane
        if factors.isEmpty {
          for bin in power.indices { power[bin] = spectra[bin * lanes] }
        } else {
          for bin in power.indices { power[bin] = spectra[bin * lanes] * factors[bin] }
        }
        emit(first + lane, power)
      }
    }
  }
}
