import Embedding
import NeuralNetwork
import Platform
import TestSupport
import Testing

@Suite struct EmbeddingChoiceTests {
  @Test func namesChooseNetworkInputAndSize() {
    #expect(EmbeddingChoice(name: "musicnn") == .musiCNN)
    #expect(EmbeddingChoice(name: "openl3") == .openL3(OpenL3Variant(input: .mel256, size: .values512)))
    #expect(EmbeddingChoice(name: "openl3-mel128") == .openL3(OpenL3Variant(input: .mel128, size: .values512)))
    #expect(EmbeddingChoice(name: "openl3-6144") == .openL3(OpenL3Variant(input: .mel256, size: .values6144)))
    #expect(EmbeddingChoice(name: "openl3-mel128-6144") == .openL3(OpenL3Variant(input: .mel128, size: .values6144)))
    #expect(EmbeddingChoice(name: "librosa") == .librosa && EmbeddingChoice(name: "logmel") == .logMel)
    for name in EmbeddingChoice.allNames { #expect(EmbeddingChoice(name: name) != nil) }
  }

  @Test(arguments: ["", "musicnn-2", "openl3-", "openl3-mel64", "openl3-6144-mel128", "openl3-6144-6144", "OpenL3"])
  func anythingElseIsRefused(name: String) {
    #expect(EmbeddingChoice(name: name) == nil)
  }
}

/// Weights files that are not what was asked for.
@Suite struct WeightsTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// The random OpenL3 weights with other metadata, and with `change` applied to their tensors.
  private func weights(
    metadata: [String: String], change: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws -> SafetensorsFile {
    let source = try Fixture.tensors("openl3-mel256-random-weights.safetensors")
    var tensors = try source.tensorNames.map { (name: $0, tensor: try source.tensor($0)) }
    change(&tensors)
    let path = directory.file("weights.safetensors")
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    return try SafetensorsFile(path: path)
  }

  private func message(_ file: SafetensorsFile, _ variant: OpenL3Variant) -> String {
    do {
      return try OpenL3(weights: file, variant: variant).identifier
    } catch {
      return error.description
    }
  }

  @Test func aFileOfAnotherVariantIsRefused() throws {
    let file = try weights(metadata: ["input": "mel128", "content": "music"])
    let refusal = message(file, OpenL3Variant(input: .mel256))
    #expect(refusal.contains("mel128") && refusal.contains("mel256") && refusal.contains(file.path))
    #expect(message(file, OpenL3Variant(input: .mel128, size: .values6144)) == "openl3-music-mel128-6144")
  }

  @Test func aFileThatNamesNoVariantCountsAsMel256() throws {
    let file = try weights(metadata: [:])
    #expect(message(file, OpenL3Variant(input: .mel256)) == "openl3-mel256-512")
    #expect(message(file, OpenL3Variant(input: .mel128)).contains("expected 'mel128'"))
  }

  @Test func aMissingTensorIsNamedWithItsShape() throws {
    let file = try weights(metadata: [:]) { $0.removeAll { $0.name == "bn4.gamma" } }
    let text = message(file, OpenL3Variant())
    #expect(text.contains("'bn4.gamma'") && text.contains("[128]") && text.contains("missing"))
  }

  @Test func aTensorOfAnotherShapeIsNamedWithBothShapes() throws {
    let file = try weights(metadata: [:]) { tensors in
      let index = tensors.firstIndex { $0.name == "conv3.weight" }!
      tensors[index].tensor = Tensor(zeros: [128, 64, 3, 5])
    }
    let text = message(file, OpenL3Variant())
    #expect(text.contains("'conv3.weight'") && text.contains("[128, 64, 3, 5]") && text.contains("[128, 64, 3, 3]"))
  }

  @Test func musiCNNNamesWhatItMisses() throws {
    let file = try weights(metadata: [:])
    do {
      _ = try MusiCNN(weights: file)
      Issue.record("OpenL3's weights passed as MusiCNN's")
    } catch {
      #expect(error.description.contains("'batch_normalization.gamma'"))
    }
  }
}
