package import FastKernels
internal import Glibc
package import NeuralNetwork
internal import SignalProcessing

/// OpenL3's input as openl3 0.4 computes it with its default kapre front end: frames of 2048 samples every 242 at
/// 48 kHz under a periodic Hann window, zeros after the end, amplitude spectrum, Slaney bands from 0 to 24 kHz,
/// decibels relative to the window's largest value, not under -80.
package struct OpenL3FrontEnd {
  package static let sampleRate = 48_000
  package static let windowLength = 48_000
  package static let frameCount = 199
  private static let frameLength = 2048
  private static let frameStep = 242
  /// Smallest amplitude before the logarithm.
  private static let smallestAmplitude: Float = 1e-10
  private static let dynamicRange: Float = 80

  private var spectrogram: BatchMelSpectrogram
  /// What the amplitude of each band is multiplied with.
  private var factors: [Float]

  package init(bandCount: Int, kernels: Kernels = .standard) {
    spectrogram = BatchMelSpectrogram(
      frameLength: Self.frameLength, frameStep: Self.frameStep, bandCount: bandCount,
      sampleRate: Double(Self.sampleRate), magnitude: .amplitude, kernels: kernels)
    factors = Array(repeating: 1, count: bandCount)
  }

  mutating func use(_ filter: VenueFilter?) {
    factors = spectrogram.centres.map { filter?.amplitude(at: $0) ?? 1 }
  }

  /// Fills `mel` `[bands × 199 frames × 1]`, in dB, from a window of one second.
  package mutating func compute(_ audio: Span<Float>, into mel: inout Tensor) {
    mel.fill { decibels in
      for first in stride(from: 0, to: Self.frameCount, by: spectrogram.lanes) {
        let count = min(spectrogram.lanes, Self.frameCount - first)
        spectrogram.compute(audio, startingAt: first * Self.frameStep) { band, values in
          for frame in 0..<count { decibels[band * Self.frameCount + first + frame] = factors[band] * values[frame] }
        }
      }
      var loudest = -Float.infinity
      for index in decibels.indices {
        decibels[index] = 10 * log10(max(decibels[index], Self.smallestAmplitude))
        loudest = max(loudest, decibels[index])
      }
      for index in decibels.indices {
        decibels[index] = max(decibels[index] - loudest, -Self.dynamicRange)
      }
    }
  }
}
