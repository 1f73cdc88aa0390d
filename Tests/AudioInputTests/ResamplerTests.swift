import AudioInput
import Foundation
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

  @Test(arguments: [(44_100, 16_000), (48_000, 16_000), (8_000, 16_000), (192_000, 48_000), (22_050, 48_000)])
  func theOutputIsAlignedWithTheInputAndComplete(inputRate: Int, outputRate: Int) {
    let input = TestSignal.sine(440, amplitude: 0.5, seconds: 1, rate: inputRate)
    let output = resample(input, from: inputRate, to: outputRate, piece: 480)
    #expect(abs(output.count - outputRate) <= 1)
    let expected = TestSignal.sine(440, amplitude: 0.5, seconds: 1, rate: outputRate)
    // The filter sees silence beyond both ends.
    let middle = outputRate / 20..<outputRate - outputRate / 20
    let largest = middle.map { abs(output[$0] - expected[$0]) }.max() ?? 1
    #expect(largest < 1e-3)
  }

  @Test func theWayTheInputIsCutDoesNotMatter() {
    let input = TestSignal.music(seconds: 2, rate: 44_100)
    let whole = resample(input, from: 44_100, to: 16_000, piece: input.count)
    for piece in [1, 37, 256, 4096] {
      #expect(resample(input, from: 44_100, to: 16_000, piece: piece) == whole, "in pieces of \(piece)")
    }
  }

  @Test func equalRatesPassUnchanged() {
    let input = TestSignal.music(seconds: 0.1, rate: 16_000)
    #expect(resample(input, from: 16_000, to: 16_000, piece: 100) == input)
  }
}
