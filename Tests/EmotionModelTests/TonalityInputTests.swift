import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing

/// Members of an ensemble that read what is heard of the tonality behind their own embeddings.
@Suite struct TonalityInputTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Two members, of which the second brings layers: the sum of the own values is the valence, the tail is the arousal.
  private func load(
    _ kind: String = "ridge", metadata more: [String: String], dimension: Int
  ) throws -> any EmotionRegressor {
    var tensors: [(name: String, tensor: Tensor)] = []
    for prefix in ["members.0.", "members.1."] {
      tensors += [
        (prefix + "normalisation.mean", Tensor(shape: [4], values: [0, 0, 0.5, 0])),
        (prefix + "normalisation.scale", Tensor(shape: [4], values: [1, 1, 2, 1])),
        (prefix + "output.weight", Tensor(shape: [2, 4], values: [1, 1, 0, 0, 0, 0, 1, 1])),
        (prefix + "output.bias", Tensor(zeros: [2])),
      ]
    }
    tensors.append(("members.1.musicnn.dense.bias", Tensor(zeros: [2])))
    let metadata = ["model": kind, "embedding": "test", "range": "-1..1", "members": "2", "tonality": "2"]
    let path = directory.file("model.safetensors")
    try SafetensorsWriter.write(tensors, metadata: metadata.merging(more) { $1 }, to: path)
    return try EmotionModelFile.load(path: path, embedding: "test", dimension: dimension)
  }

  @Test func eachMemberReadsItsOwnValuesAndTheTail() throws {
    var model = try load(metadata: [:], dimension: 6)
    let affect = model.estimate(from: [0.1, 0.2, 0.3, 0.4, 0.9, 0.1]).affect
    #expect(abs(affect.valence - (0.3 + 0.7) / 2) < 1e-6)
    #expect(abs(affect.arousal - ((0.9 - 0.5) / 2 + 0.1)) < 1e-6)
  }

  @Test func theNewestPartHasTheSameTail() throws {
    var model = try load(metadata: ["recent_frames": "62", "recent_gate": "0 0.001"], dimension: 10)
    // The newest part alone counts: the second and fourth pair.
    let affect = model.estimate(from: [9, 9, 0.1, 0.2, 9, 9, 0.3, 0.4, 0.9, 0.1]).affect
    #expect(abs(affect.valence - (0.3 + 0.7) / 2) < 1e-6)
    #expect(abs(affect.arousal - ((0.9 - 0.5) / 2 + 0.1)) < 1e-6)
  }

  @Test func anotherTailIsRefused() throws {
    let error = #expect(throws: Failure.self) { try load(metadata: ["tonality": "3"], dimension: 6) }
    #expect(error?.description.contains("'3' for 'tonality'") == true)
    #expect(throws: Failure.self) { try load(metadata: [:], dimension: 5) }
  }
}
