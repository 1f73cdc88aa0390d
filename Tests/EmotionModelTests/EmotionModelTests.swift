import Affect
import EmotionModel
import NeuralNetwork
import Platform
import ShippedModels
import TestSupport
import Testing

@Suite struct EmotionModelTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it
  private let identifier = "musicnn-msd-200"

  /// A small perceptron with stored outputs: the model that affectd came with first.
  private let path = Fixture.path("starter-mlp.safetensors")

  private func starter() throws -> any EmotionRegressor {
    try EmotionModelFile.load(path: path, embedding: identifier, dimension: 200)
  }

  /// The starter model with other metadata, and with `change` applied to its tensors.
  private func changed(
    _ metadata: [String: String?], change: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> String {
    let source = try SafetensorsFile(path: path)
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
    let text = message(path, embedding: "openl3-music-mel256-512", dimension: 512)
    #expect(text.contains("starter-mlp") && text.contains(identifier) && text.contains("openl3-music-mel256-512"))
  }

  @Test func aModelThatIsNotWhatItSaysIsRefused() throws {
    #expect(try message(changed(["model": "oracle"])).contains("'oracle'"))
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

  @Test func theShippedModelKnowsHowSureItIsAndWhereItComesFrom() throws {
    let file = try SafetensorsFile(path: ShippedModel.emotion.locate())
    // The whole window and its newest second; mode and clarity.
    var model = try EmotionModelFile.load(file, embedding: identifier, dimension: 2 * 200 + 2)
    let prediction = model.estimate(from: [Float](repeating: 0, count: 402))
    #expect((0...1).contains(try #require(prediction.confidence)))
    #expect(model.card.name == "deam-mlp" && model.card.trainedOn?.hasPrefix("deam: 594 songs") == true)
    #expect(model.card.scores?.contains("split by artist") == true)
    #expect(file.metadata["card"]?.contains("expected calibration error") == true)
  }
}
