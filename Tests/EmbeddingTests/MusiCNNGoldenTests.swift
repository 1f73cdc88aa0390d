import Embedding
import NeuralNetwork
import ShippedModels
import TestSupport
import Testing

/// Every stage of MusiCNN against values from the TensorFlow graph.
@Suite struct MusiCNNGoldenTests {
  private let golden = try! Fixture.tensors("musicnn-golden.safetensors")  // no test here makes sense without it

  private func network() throws -> MusiCNNNetwork {
    try MusiCNNNetwork(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()))
  }

  /// The 187 frames of golden mel from frame `start` on.
  private func patch(from start: Int) throws -> Tensor {
    let mel = try golden.tensor("mel").values
    return Tensor(shape: [187, 96, 1], values: Array(mel[start * 96..<(start + 187) * 96]))
  }

  @Test func frontEndAgrees() throws {
    let audio = try golden.tensor("audio").values
    let expected = try golden.tensor("mel")
    var mel = [Float](repeating: 0, count: expected.values.count)
    var frontEnd = MusiCNNFrontEnd()
    frontEnd.computeFrames(0..<expected.shape[0], of: audio.span, into: &mel)
    #expect(Difference(mel, expected.values).relativeToLargest < 1e-5)
  }

  @Test func everyStageOfTheFirstPatchAgrees() throws {
    var activations = MusiCNNNetwork.Activations()
    activations.mel = try patch(from: Int(golden.tensor("patch_start_frame").values[0]))
    try network().evaluate(&activations)

    func expect(_ values: [Float], _ name: String) throws {
      let difference = Difference(values, try golden.tensor(name).values).relativeToLargest
      #expect(difference < 1e-4, "\(name) differs by \(difference)")
    }
    let offsets = [
      ("timbral_7x38", 0, 204), ("timbral_7x67", 204, 204), ("temporal_128", 408, 51), ("temporal_64", 459, 51),
      ("temporal_32", 510, 51),
    ]
    for (name, first, count) in offsets {
      let columns = (0..<187).flatMap { frame in
        activations.frontEnd.values[frame * 561 + first..<frame * 561 + first + count]
      }
      try expect(columns, name)
    }
    try expect(activations.frontEnd.values, "front_end")
    for (index, layer) in activations.mid.enumerated() { try expect(layer.values, "mid_\(index + 1)") }
  }

  @Test func pooledValuesEmbeddingAndTagsOfFivePatchesAgree() throws {
    let network = try network()
    var activations = MusiCNNNetwork.Activations()
    var (pooled, embeddings, tags): ([Float], [Float], [Float]) = ([], [], [])
    for start in try golden.tensor("patch_start_frame").values {
      activations.mel = try patch(from: Int(start))
      network.evaluate(&activations)
      pooled += activations.pooled.values
      embeddings += activations.embedding
      tags += network.tags(of: activations.embedding)
    }
    try #expect(Difference(pooled, golden.tensor("pooled").values).relativeToLargest < 1e-4)
    try #expect(Difference(embeddings, golden.tensor("embedding").values).relativeToLargest < 1e-4)
    try #expect(Difference(tags, golden.tensor("tags").values).relativeToLargest < 1e-4)
  }

  @Test func embedsAWindowOfAudio() throws {
    var embedder = try MusiCNN(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()))
    let audio = try golden.tensor("audio").values
    var embedding = [Float](repeating: .nan, count: embedder.dimension)
    for (patch, startFrame) in try golden.tensor("patch_start_frame").values.enumerated() {
      let start = Int(startFrame) * 256
      embedder.embed(
        audio.span.extracting(start..<start + embedder.windowLength), startingAt: start, into: &embedding)
      let expected = try golden.tensor("embedding").values[patch * 200..<(patch + 1) * 200]
      #expect(Difference(embedding, Array(expected)).relativeToLargest < 1e-4)
    }
  }

  @Test func aWindowEndsAtOrBeforeTheTick() throws {
    let embedder = try MusiCNN(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()))
    #expect(embedder.windowLength == 48_128)
    #expect(embedder.windowStart(endingAtOrBefore: 48_127) == nil)
    #expect(embedder.windowStart(endingAtOrBefore: 48_128) == 0)
    #expect(embedder.windowStart(endingAtOrBefore: 48_128 + 255) == 0)
    #expect(embedder.windowStart(endingAtOrBefore: 48_128 + 256) == 256)
  }
}
