import FastKernels
import Foundation
import NeuralNetwork
import Platform
import SignalProcessing
import TestSupport
import Testing

@Suite struct SpectrumTests {
  @Test func periodicHannWindowRepeatsAfterItsLength() {
    let window = periodicHannWindow(length: 8)
    #expect(window[0] == 0)
    #expect(abs(window[4] - 1) < 1e-7)
    #expect(abs(window[2] - 0.5) < 1e-7)
    // Periodic, not symmetric: the value after the last would be the first again.
    #expect(abs(window[1] - window[7]) < 1e-7)
  }

  @Test(arguments: [2, 6, 64, 512, 2048])
  func powerSpectrumIsThatOfTheDefinition(length: Int) {
    var generator = SeededGenerator(seed: UInt64(length))
    let frame = (0..<length).map { _ in Float.random(in: -1...1, using: &generator) }
    let transform = RealFFT(length: length)
    var power = [Float](repeating: 0, count: transform.binCount)
    transform.powerSpectrum(of: frame, into: &power)
    let expected = (0...length / 2).map { k in
      var (real, imaginary) = (0.0, 0.0)
      for (n, sample) in frame.enumerated() {
        real += Double(sample) * cos(2 * .pi * Double(k * n) / Double(length))
        imaginary -= Double(sample) * sin(2 * .pi * Double(k * n) / Double(length))
      }
      return Float(real * real + imaginary * imaginary)
    }
    #expect(Difference(power, expected).relativeToLargest < 1e-5)
  }

  @Test func melFilterBankAgreesWithTheReference() throws {
    let expected = try Fixture.tensors("musicnn-golden.safetensors").tensor("mel_filterbank", shape: [96, 257])
    let bank = MelFilterBank(bandCount: 96, binCount: 257, sampleRate: 16_000, lowest: 0, highest: 8_000)
    var dense = [Float](repeating: 0, count: 96 * 257)
    for (index, band) in bank.bands.enumerated() {
      for (offset, weight) in bank.weights[band.weights].enumerated() {
        dense[index * 257 + band.firstBin + offset] = weight
      }
    }
    #expect(Difference(dense, expected.values).relativeToLargest < 1e-6)
  }

  @Test(arguments: [4, 8, 64, 2048])
  func manyFramesAtOnceAreThoseOfTheReadableVersion(length: Int) {
    let audio = TestSignal.music(seconds: 0.2, rate: 48_000)
    for kernels in Kernels.available {
      for magnitude in [MelSpectrogram.Magnitude.power, .amplitude] {
        let (step, bands) = (37, max(1, length / 8))
        var plain = MelSpectrogram(frameLength: length, bandCount: bands, sampleRate: 48_000, magnitude: magnitude)
        var fast = BatchMelSpectrogram(
          frameLength: length, frameStep: step, bandCount: bands, sampleRate: 48_000, magnitude: magnitude,
          kernels: kernels)
        // The last frames look beyond the end.
        for start in [0, 1001, audio.count - length / 2 - 3] {
          var expected = [Float](repeating: 0, count: fast.lanes * bands)
          var actual = expected
          for lane in 0..<fast.lanes {
            plain.computeFrame(of: audio.span, startingAt: start + lane * step, into: &expected, at: lane * bands)
          }
          fast.compute(audio.span, startingAt: start) { band, values in
            for lane in values.indices { actual[lane * bands + band] = values[lane] }
          }
          #expect(Difference(actual, expected).relativeToLargest < 1e-5, "\(kernels.name), \(length)")
        }
      }
    }
  }
}
