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

  private let bandCount: Int
  private var spectrogram: MelSpectrogram
  private var frame: [Float]

  package init(bandCount: Int) {
    self.bandCount = bandCount
    spectrogram = MelSpectrogram(
      frameLength: Self.frameLength, bandCount: bandCount, sampleRate: Double(Self.sampleRate),
      magnitude: .amplitude)
    frame = Array(repeating: 0, count: bandCount)
  }

  /// Fills `mel` `[bands × 199 frames × 1]`, in dB, from a window of one second.
  package mutating func compute(_ audio: Span<Float>, into mel: inout Tensor) {
    mel.fill { decibels in
      var loudest = -Float.infinity
      for time in 0..<Self.frameCount {
        spectrogram.computeFrame(of: audio, startingAt: time * Self.frameStep, into: &frame, at: 0)
        for band in 0..<bandCount {
          let value = 10 * log10(max(frame[band], Self.smallestAmplitude))
          decibels[band * Self.frameCount + time] = value
          loudest = max(loudest, value)
        }
      }
      for index in decibels.indices {
        decibels[index] = max(decibels[index] - loudest, -Self.dynamicRange)
      }
    }
  }
}
