import Embedding
import NeuralNetwork
import TestSupport
import Testing

/// Every stage of OpenL3 against values from the real openl3 graph (mel) and from PyTorch in double precision (network).
@Suite struct OpenL3GoldenTests {
  private let golden = try! Fixture.tensors("openl3-golden.safetensors")  // no test here makes sense without it
  private let weights = try! Fixture.tensors("openl3-mel256-random-weights.safetensors")

  @Test func frontEndAgrees() throws {
    let expected = try golden.tensor("mel_db", shape: [256, 199]).values
    let audio = try golden.tensor("audio").values
    var mel = Tensor(zeros: [256, 199, 1])
    var frontEnd = OpenL3FrontEnd(bandCount: 256)
    frontEnd.compute(audio.span, into: &mel)
    // Far under the maximum, float32 noise alone makes 2 dB: compare what lies within 60 dB.
    let differences = zip(mel.values, expected).map { (level: $1, difference: abs($0 - $1)) }
    #expect(differences.allSatisfy { $0.difference < ($0.level > -60 ? 0.02 : 3) })
  }

  @Test func everyStageAgrees() throws {
    var activations = OpenL3Network.Activations(variant: OpenL3Variant())
    activations.mel = Tensor(shape: [256, 199, 1], values: try golden.tensor("mel_db").values)
    try OpenL3Network(weights: weights).evaluate(&activations)

    for (layer, stage) in activations.stages.enumerated() {
      let name = "after_conv\(layer + 1)_mean_over_time"
      let expected = try golden.tensor(name)
      let (height, width, channels) = (stage.shape[0], stage.shape[1], stage.shape[2])
      #expect(expected.shape == [channels, height])
      var means = [Float](repeating: 0, count: channels * height)
      for channel in 0..<channels {
        for row in 0..<height {
          let sum = (0..<width).reduce(0.0) { $0 + Double(stage.values[(row * width + $1) * channels + channel]) }
          means[channel * height + row] = Float(sum / Double(width))
        }
      }
      let difference = Difference(means, expected.values).relativeToLargest
      #expect(difference < 1e-5, "\(name) differs by \(difference)")
    }
    try #expect(Difference(activations.embedding.values, golden.tensor("embedding").values).relativeL2 < 1e-5)
  }

  @Test func embedsAWindowOfAudio() throws {
    var embedder = try OpenL3(weights: weights, variant: OpenL3Variant())
    #expect(embedder.identifier == "openl3-mel256-512")
    var embedding = [Float](repeating: .nan, count: 512)
    let audio = try golden.tensor("audio").values
    embedder.embed(audio.span, startingAt: 0, into: &embedding)
    try #expect(Difference(embedding, golden.tensor("embedding").values).relativeL2 < 3e-4)
  }

  @Test func the6144ValuesAreTheMaximaOf4By3BlocksInTheOrderMelTimeChannel() throws {
    let variant = OpenL3Variant(input: .mel256, size: .values6144)
    var activations = OpenL3Network.Activations(variant: variant)
    activations.mel = Tensor(shape: [256, 199, 1], values: try golden.tensor("mel_db").values)
    try OpenL3Network(weights: weights).evaluate(&activations)
    let map = activations.stages[7]
    #expect(map.shape == [32, 24, 512])
    var expected: [Float] = []
    for mel in 0..<4 {
      for time in 0..<3 {
        for channel in 0..<512 {
          expected.append(
            (0..<64).map { map.values[((mel * 8 + $0 / 8) * 24 + time * 8 + $0 % 8) * 512 + channel] }.max()!)
        }
      }
    }
    #expect(activations.embedding.values == expected)
    // The maxima of the blocks' maxima are the 512-d embedding.
    let whole = (0..<512).map { channel in (0..<12).map { expected[$0 * 512 + channel] }.max()! }
    try #expect(Difference(whole, golden.tensor("embedding").values).relativeL2 < 1e-5)
  }

  @Test func mel128HalvesTheBands() throws {
    let network = try OpenL3Network(weights: weights)
    let audio = try golden.tensor("audio").values
    for (size, shape) in [(OpenL3Variant.Size.values512, [1, 1, 512]), (.values6144, [4, 3, 512])] {
      var activations = OpenL3Network.Activations(variant: OpenL3Variant(input: .mel128, size: size))
      var frontEnd = OpenL3FrontEnd(bandCount: 128)
      frontEnd.compute(audio.span, into: &activations.mel)
      #expect(activations.mel.values.max() == 0)
      network.evaluate(&activations)
      #expect(activations.stages[7].shape == [16, 24, 512])
      #expect(activations.embedding.shape == shape)
      #expect(activations.embedding.values.allSatisfy { $0.isFinite })
    }
  }
}
