import Embedding
import FastKernels
import NeuralNetwork
import Platform
import ShippedModels
import TestSupport
import Testing

/// The fast networks against their readable versions and the stored references, on every instruction set.
@Suite struct FastNetworkTests {
  private func network() throws -> MusiCNNNetwork {
    try MusiCNNNetwork(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()))
  }

  /// MusiCNN's spectrogram of a piece, `[frames × 96]`.
  private func melOfMusic(seconds: Double) -> [Float] {
    let audio = TestSignal.music(seconds: seconds, rate: 16_000)
    let frameCount = (audio.count - 512) / 256 + 1
    var frontEnd = MusiCNNFrontEnd()
    var mel = [Float](repeating: 0, count: frameCount * 96)
    frontEnd.computeFrames(0..<frameCount, of: audio.span, into: &mel)
    return mel
  }

  @Test func openL3AgreesWithTheReference() throws {
    let golden = try Fixture.tensors("openl3-golden.safetensors")
    let mel = Tensor(shape: [256, 199, 1], values: try golden.tensor("mel_db").values)
    let expected = try golden.tensor("embedding").values
    let plain = try OpenL3Network(weights: Fixture.tensors("openl3-mel256-random-weights.safetensors"))
    for kernels in Kernels.available {
      var fast = FastOpenL3Network(plain, variant: OpenL3Variant(), kernels: kernels)
      for _ in 0..<2 {
        fast.evaluate(mel)
        let difference = Difference(fast.embedding.values, expected).relativeL2
        #expect(difference < 1e-5, "\(kernels.name): \(difference)")
      }
    }
  }

  @Test(arguments: [OpenL3Variant(input: .mel128, size: .values6144), OpenL3Variant(input: .mel256, size: .values6144)])
  func openL3sOtherVariantsAgreeWithTheReadableVersion(variant: OpenL3Variant) throws {
    let audio = try Fixture.tensors("openl3-golden.safetensors").tensor("audio").values
    let plain = try OpenL3Network(weights: Fixture.tensors("openl3-mel256-random-weights.safetensors"))
    var activations = OpenL3Network.Activations(variant: variant)
    var frontEnd = OpenL3FrontEnd(bandCount: variant.input == .mel128 ? 128 : 256)
    frontEnd.compute(audio.span, into: &activations.mel)
    plain.evaluate(&activations)
    var fast = FastOpenL3Network(plain, variant: variant)
    fast.evaluate(activations.mel)
    #expect(fast.embedding.shape == activations.embedding.shape)
    #expect(Difference(fast.embedding.values, activations.embedding.values).relativeL2 < 1e-5)
  }

  @Test(arguments: [2, 3, 8])
  func openL3OnSeveralThreadsGivesTheSame(threads: Int) throws {
    let mel = Tensor(
      shape: [256, 199, 1], values: try Fixture.tensors("openl3-golden.safetensors").tensor("mel_db").values)
    let plain = try OpenL3Network(weights: Fixture.tensors("openl3-mel256-random-weights.safetensors"))
    var single = FastOpenL3Network(plain, variant: OpenL3Variant())
    var several = FastOpenL3Network(plain, variant: OpenL3Variant(), threads: threads)
    single.evaluate(mel)
    several.evaluate(mel)
    // Sums over the channels are the same whatever rows are worked on together.
    #expect(Difference(several.embedding.values, single.embedding.values).relativeL2 < 1e-6)
  }

  @Test func musiCNNsWholePatchAgreesWithTheReference() throws {
    let golden = try Fixture.tensors("musicnn-golden.safetensors")
    let mel = try golden.tensor("mel").values
    let plain = try network()
    for kernels in Kernels.available {
      let fast = StreamingMusiCNN(plain, kernels: kernels)
      for (patch, startFrame) in try golden.tensor("patch_start_frame").values.enumerated() {
        let start = Int(startFrame) * 96
        fast.advance(by: 187, mel: mel.span.extracting(start..<start + 187 * 96))
        let expected = try golden.tensor("embedding").values[patch * 200..<(patch + 1) * 200]
        let difference = Difference(fast.embedding, Array(expected)).relativeToLargest
        #expect(difference < 1e-4, "\(kernels.name): \(difference)")
      }
    }
  }

  /// Any sequence of steps, small and large, and jumps over a gap: the same as each patch by itself.
  @Test(arguments: 0..<4)
  func musiCNNsMovingPatchAgreesWithThePatchByItself(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let mel = melOfMusic(seconds: 16)
    let frameCount = mel.count / 96
    let plain = try network()
    let fast = StreamingMusiCNN(plain)
    var activations = MusiCNNNetwork.Activations()
    var start = 0
    fast.advance(by: 187, mel: mel.span.extracting(0..<187 * 96))
    while true {
      let step = Int.random(in: 1...(Bool.random(using: &generator) ? 6 : 200), using: &generator)
      guard start + step + 187 <= frameCount else { break }
      start += step
      let count = min(step, 187)
      fast.advance(by: count, mel: mel.span.extracting((start + 187 - count) * 96..<(start + 187) * 96))
      activations.mel = Tensor(shape: [187, 96, 1], values: Array(mel[start * 96..<(start + 187) * 96]))
      plain.evaluate(&activations)
      let difference = Difference(fast.embedding, activations.embedding).relativeToLargest
      #expect(difference < 1e-4, "after a step of \(step): \(difference)")
    }
  }

  /// One by one, or up to a second of them.
  @Test(arguments: 0..<3)
  func musiCNNIsTheSameToTheBitHoweverManyFramesComeAtOnce(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let mel = melOfMusic(seconds: 11)
    let frameCount = mel.count / 96
    let plain = try network()
    for kernels in Kernels.available {
      let (single, several) = (
        StreamingMusiCNN(plain, recentFrames: 62, kernels: kernels),
        StreamingMusiCNN(plain, recentFrames: 62, kernels: kernels)
      )
      func advance(_ network: StreamingMusiCNN, from start: Int, by count: Int) {
        network.advance(by: count, mel: mel.span.extracting(start * 96..<(start + count) * 96))
      }
      // Something else before, and a gap: both begin anew at frame 100.
      advance(several, from: 0, by: 187)
      advance(several, from: 187, by: 30)
      for network in [single, several] { advance(network, from: 100, by: 187) }
      var frame = 287
      while true {
        let step = Int.random(in: 1...(Bool.random(using: &generator) ? 6 : 64), using: &generator)
        guard frame + step <= frameCount else { break }
        for index in 0..<step { advance(single, from: frame + index, by: 1) }
        advance(several, from: frame, by: step)
        frame += step
        let same = (several.frontEnd.values == single.frontEnd.values, several.embedding == single.embedding)
        #expect(same.0, "\(kernels.name), after \(step)")
        #expect(same.1, "\(kernels.name), after \(step)")
      }
    }
  }

  @Test func aStreamThatBeginsAnewRemembersNothing() throws {
    let weights = try SafetensorsFile(path: ShippedModel.musiCNN.locate())
    var embedder = try MusiCNN(weights: weights)
    let first = TestSignal.music(seconds: 4, rate: 16_000)
    let second = TestSignal.sine(440, amplitude: 0.3, seconds: 4, rate: 16_000)
    var embedding = [Float](repeating: 0, count: 200)
    var expected = embedding
    let window = 0..<embedder.windowLength
    var fresh = try MusiCNN(weights: weights)
    fresh.embed(second.span.extracting(window), startingAt: 0, into: &expected)
    embedder.embed(first.span.extracting(window), startingAt: 0, into: &embedding)
    embedder.restart()
    embedder.embed(second.span.extracting(window), startingAt: 0, into: &embedding)
    #expect(embedding == expected)
    // And going back in the stream computes anew as well.
    embedder.embed(second.span.extracting(2560..<2560 + window.count), startingAt: 2560, into: &embedding)
    embedder.embed(second.span.extracting(window), startingAt: 0, into: &embedding)
    #expect(embedding == expected)
  }
}
