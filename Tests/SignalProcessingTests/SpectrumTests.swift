import Foundation
import NeuralNetwork
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
}
