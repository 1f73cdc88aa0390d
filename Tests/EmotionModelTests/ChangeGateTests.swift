import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing

/// A model that looks at the whole window and at its newest part.
@Suite struct ChangeGateTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Valence and arousal are the two inputs, the log variances a tenth of them.
  private func file(
    kind: String = "ridge", frames: String? = "62", gate: String? = "0.1 0.5", bringsLayers: Bool = true
  ) throws -> SafetensorsFile {
    let identity = Tensor(shape: [2, 2], values: [1, 0, 0, 1])
    let zeros = Tensor(zeros: [2])
    var tensors: [(name: String, tensor: Tensor)] = [
      ("normalisation.mean", zeros), ("normalisation.scale", Tensor(shape: [2], values: [1, 1])),
      ("output.weight", identity), ("output.bias", zeros),
      ("uncertainty.weight", Tensor(shape: [2, 2], values: [0.1, 0, 0, 0.1])), ("uncertainty.bias", zeros),
    ]
    if bringsLayers { tensors.append(("musicnn.dense.bias", zeros)) }
    var metadata = ["model": kind, "embedding": "test", "range": "-1..1", "step_s": "0.5"]
    metadata["recent_frames"] = frames
    metadata["recent_gate"] = gate
    let path = directory.file("model.safetensors")
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    return try SafetensorsFile(path: path)
  }

  private func estimate(_ embedding: [Float]) throws -> EmotionPrediction {
    var model = try EmotionModelFile.load(file(), embedding: "test", dimension: 4)
    return model.estimate(from: embedding)
  }

  @Test func whereTheTwoAgreeTheWholeWindowCounts() throws {
    // A distance of 0.1, the lower bound.
    let prediction = try estimate([0.2, 0.3, 0.26, 0.38])
    #expect(prediction.affect.valence == 0.2 && prediction.affect.arousal == 0.3)
  }

  @Test func whereTheyAreFarApartTheNewestPartCounts() throws {
    // A distance of 0.5, the upper bound, and one of more.
    for recent: [Float] in [[0.5, 0.7], [-0.6, -0.9]] {
      let prediction = try estimate([0.2, 0.3] + recent)
      #expect(abs(prediction.affect.valence - recent[0]) < 1e-6 && abs(prediction.affect.arousal - recent[1]) < 1e-6)
    }
  }

  @Test func betweenThemItIsASmoothStep() throws {
    // A distance of 0.2, a quarter of the way: 0.25² × (3 - 0.5) = 0.15625.
    let prediction = try estimate([0.1, 0.3, 0.3, 0.3])
    #expect(abs(prediction.affect.valence - (0.1 + 0.15625 * 0.2)) < 1e-6)
    #expect(abs(prediction.affect.arousal - 0.3) < 1e-6)
    // Variances exp(0.01) and exp(0.03).
    let variance = 1.010050 + 0.15625 * (1.030455 - 1.010050)
    #expect(abs(Double(try #require(prediction.valenceDeviation)) - variance.squareRoot()) < 1e-5)
  }

  @Test(arguments: ["", "0.1", "0.5 0.1", "-1 1", "0.1 nan", "a b", "0.1 0.2 0.3"])
  func aGateIsTwoRisingNumbers(_ gate: String) throws {
    let file = try file(gate: gate)
    #expect {
      _ = try EmotionModelFile.load(file, embedding: "test", dimension: 4)
    } throws: { error in
      "\(error)".contains("recent_gate") && "\(error)".contains("two rising numbers")
    }
  }

  @Test func aModelThatRemembersHasNoGate() throws {
    let file = try file(kind: "gru")
    #expect {
      _ = try EmotionModelFile.load(file, embedding: "test", dimension: 4)
    } throws: { error in
      "\(error)".contains("recent_frames") && "\(error)".contains("gru")
    }
  }

  @Test func theEmbeddingHoldsBothParts() throws {
    let file = try file()
    #expect(throws: Failure.self) { _ = try EmotionModelFile.load(file, embedding: "test", dimension: 2) }
    let plain = try self.file(frames: nil, gate: nil, bringsLayers: false)
    #expect(try EmotionModelFile.load(plain, embedding: "test", dimension: 2).inputCount == 2)
  }
}
