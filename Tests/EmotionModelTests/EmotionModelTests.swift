import Affect
import EmotionModel
import NeuralNetwork
import ShippedModels
import TestSupport
import Testing

@Suite struct EmotionModelTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it
  private let identifier = "musicnn-msd-200"

  private func starter() throws -> any EmotionRegressor {
    try EmotionModelFile.load(path: ShippedModel.emotion.locate(), embedding: identifier, dimension: 200)
  }

  /// The starter model with other metadata, and with `change` applied to its tensors.
  private func changed(
    _ metadata: [String: String?], change: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> String {
    let source = try SafetensorsFile(path: ShippedModel.emotion.locate())
    var tensors = try source.tensorNames.map { (name: $0, tensor: try source.tensor($0)) }
    change(&tensors)
    var all = source.metadata
    for (key, value) in metadata { all[key] = value }
    let path = directory.file("changed.safetensors")
    try SafetensorsWriter.write(tensors, metadata: all, to: path)
    return path
  }

  private func message(_ path: String, embedding: String? = nil, dimension: Int = 200) -> String {
    do {
      return try EmotionModelFile.load(path: path, embedding: embedding ?? identifier, dimension: dimension).card.name
    } catch {
      return error.description
    }
  }

  @Test func agreesWithTheReference() throws {
    let golden = try Fixture.tensors("starter-mlp-golden.safetensors")
    let embeddings = try golden.tensor("embedding", shape: [5, 200]).values
    var model = try starter()
    let outputs = (0..<5).flatMap { index in
      let affect = model.estimate(from: Array(embeddings[index * 200..<(index + 1) * 200])).affect
      return [affect.valence, affect.arousal]
    }
    try #expect(Difference(outputs, golden.tensor("valence_arousal").values).relativeToLargest < 1e-5)
  }

  @Test func theCardSaysWhereTheModelComesFrom() throws {
    let card = try starter().card
    #expect(card.name == "starter-mlp")
    #expect(card.embedding == identifier)
    #expect(card.trainedOn?.contains("DEAM") == true)
    #expect(card.scores?.contains("0.859") == true)
  }

  @Test func outputsAreClippedToTheRange() throws {
    var model = try starter()
    let affect = model.estimate(from: [Float](repeating: 1e6, count: 200)).affect
    #expect(Affect.range.contains(affect.valence) && Affect.range.contains(affect.arousal))
  }

  @Test func aModelForAnotherEmbeddingIsRefusedWithBothNames() throws {
    let text = message(try ShippedModel.emotion.locate(), embedding: "openl3-music-mel256-512", dimension: 512)
    #expect(text.contains("starter-mlp") && text.contains(identifier) && text.contains("openl3-music-mel256-512"))
  }

  @Test func aModelThatIsNotWhatItSaysIsRefused() throws {
    #expect(try message(changed(["model": "forest"])).contains("'forest'"))
    #expect(try message(changed(["range": "1..9"])).contains("'1..9'"))
    #expect(try message(changed(["embedding": nil])).contains("'embedding'"))
    #expect(message(try ShippedModel.musiCNN.locate()).contains("not an emotion model"))
    let missing = try changed([:]) { $0.removeAll { $0.name == "layers.1.bias" } }
    #expect(message(missing).contains("'layers.1.bias'"))
    let zero = try changed([:]) { tensors in
      let index = tensors.firstIndex { $0.name == "normalisation.scale" }!
      tensors[index].tensor = Tensor(zeros: [200])
    }
    #expect(message(zero).contains("holds a 0"))
  }

  @Test func aModelWithoutANameIsCalledAfterItsFile() throws {
    #expect(try message(changed(["name": nil])) == "changed")
  }
}
