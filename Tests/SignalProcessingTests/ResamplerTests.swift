import Foundation
import SignalProcessing
import TestSupport
import Testing

@Suite struct ResamplerTests {
  private func resample(_ input: [Float], from inputRate: Int, to outputRate: Int, piece: Int) -> [Float] {
    let resampler = Resampler(from: inputRate, to: outputRate)
    var output: [Float] = []
    func collect(_ samples: Span<Float>) { for index in samples.indices { output.append(samples[index]) } }
    for start in stride(from: 0, to: input.count, by: piece) {
      resampler.process(input.span.extracting(start..<min(start + piece, input.count)), emit: collect)
    }
    resampler.finish(emit: collect)
    return output
  }

  @Test(arguments: [
    (44_100, 16_000), (48_000, 16_000), (8_000, 16_000), (192_000, 48_000), (22_050, 48_000), (44_099, 16_000),
    (47_999, 48_000), (11_025, 16_000), (768_000, 16_000),
  ])
  func theOutputIsAlignedWithTheInputAndComplete(inputRate: Int, outputRate: Int) {
    let input = TestSignal.sine(440, amplitude: 0.5, seconds: 1, rate: inputRate)
    let output = resample(input, from: inputRate, to: outputRate, piece: 480)
    #expect(abs(output.count - outputRate) <= 1)
    let expected = TestSignal.sine(440, amplitude: 0.5, seconds: 1, rate: outputRate)
    // The filter sees silence beyond both ends.
    let middle = outputRate / 20..<outputRate - outputRate / 20
    let largest = middle.map { abs(output[$0] - expected[$0]) }.max() ?? 1
    #expect(largest < 2e-5)
  }

  /// The level of a tone of `frequency` after the change, dB relative to before.
  private func gain(_ frequency: Double, from inputRate: Int, to outputRate: Int) -> Double {
    let input = TestSignal.sine(frequency, amplitude: 0.5, seconds: 0.4, rate: inputRate)
    let output = resample(input, from: inputRate, to: outputRate, piece: 4096)
    let middle = output[(outputRate / 20)..<(output.count - outputRate / 20)]
    let power = middle.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(middle.count)
    return 10 * log10(power / 0.125 + 1e-20)
  }

  @Test(arguments: [(44_100, 16_000), (48_000, 16_000), (96_000, 16_000), (44_099, 16_000), (16_000, 48_000)])
  func whatTheLowerRateCannotHoldIsGoneAndTheRestUnchanged(inputRate: Int, outputRate: Int) {
    let lower = Double(min(inputRate, outputRate))
    for share in [0.01, 0.1, 0.2, 0.3, 0.4, 0.42] {
      #expect(abs(gain(share * lower, from: inputRate, to: outputRate)) < 0.02, "at \(share)")
    }
    #expect(abs(gain(0.4594 * lower, from: inputRate, to: outputRate) + 6.02) < 0.1)
    guard inputRate > outputRate else { return }
    for share in [0.502, 0.55, 0.7, 1, 1.3] where share * lower < Double(inputRate) / 2 {
      #expect(gain(share * lower, from: inputRate, to: outputRate) < -100, "at \(share)")
    }
  }

  /// Images of the tone above the old rate's half.
  @Test func aHigherRateBringsNothingNew() {
    let rate = 48_000
    let tone = TestSignal.sine(3000, amplitude: 0.5, seconds: 0.4, rate: 16_000)
    let output = resample(tone, from: 16_000, to: rate, piece: 160)
    for image in [13_000.0, 19_000] {
      let middle = output[4800..<(output.count - 4800)]
      var (real, imaginary) = (0.0, 0.0)
      for (index, value) in middle.enumerated() {
        let angle = 2 * Double.pi * image * Double(index) / Double(rate)
        // Under a Hann window, or the tone itself leaks.
        let window = 1 - cos(2 * Double.pi * Double(index) / Double(middle.count))
        real += Double(value) * window * cos(angle)
        imaginary += Double(value) * window * sin(angle)
      }
      let amplitude = 2 * (real * real + imaginary * imaginary).squareRoot() / Double(middle.count)
      #expect(20 * log10(amplitude / 0.5) < -100, "at \(image) Hz")
    }
  }

  @Test func aConstantStaysWhatItIs() {
    for inputRate in [44_100, 44_099, 8000] {
      let output = resample([Float](repeating: 0.25, count: inputRate), from: inputRate, to: 16_000, piece: 1000)
      #expect(output[2000..<14_000].allSatisfy { abs($0 - 0.25) < 1e-6 }, "\(inputRate) Hz")
    }
  }

  @Test func anInputOfAFewSamplesOrNoneIsNoFault() {
    for count in [0, 1, 2, 5] {
      let output = resample([Float](repeating: 0.5, count: count), from: 44_100, to: 16_000, piece: 1)
      #expect(output.count == (count * 160 + 440) / 441)
    }
  }

  @Test func theWayTheInputIsCutDoesNotMatter() {
    let input = TestSignal.music(seconds: 2, rate: 44_100)
    for (inputRate, outputRate) in [(44_100, 16_000), (44_099, 16_000), (44_100, 48_000)] {
      let whole = resample(input, from: inputRate, to: outputRate, piece: input.count)
      for piece in [1, 37, 256, 4096] {
        let isSame = resample(input, from: inputRate, to: outputRate, piece: piece) == whole
        #expect(isSame, "in pieces of \(piece)")
      }
    }
  }

  @Test func equalRatesPassUnchanged() {
    let input = TestSignal.music(seconds: 0.1, rate: 16_000)
    #expect(resample(input, from: 16_000, to: 16_000, piece: 100) == input)
  }
}
