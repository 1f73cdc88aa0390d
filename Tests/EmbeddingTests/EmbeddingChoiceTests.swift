import Embedding
import NeuralNetwork
import Platform
import ShippedModels
import TestSupport
import Testing

@Suite struct EmbeddingChoiceTests {
  private func parts(_ name: String) throws -> [EmbeddingChoice.Part] { try EmbeddingChoice(name: name).parts }

  @Test func namesChooseNetworkInputAndSize() throws {
    #expect(try parts("musicnn") == [.musiCNN])
    #expect(try parts("openl3") == [.openL3(OpenL3Variant(input: .mel256, size: .values512))])
    #expect(try parts("openl3-mel128") == [.openL3(OpenL3Variant(input: .mel128, size: .values512))])
    #expect(try parts("openl3-6144") == [.openL3(OpenL3Variant(input: .mel256, size: .values6144))])
    #expect(try parts("openl3-mel128-6144") == [.openL3(OpenL3Variant(input: .mel128, size: .values6144))])
    #expect(try parts("librosa") == [.librosa(.all)] && parts("librosa-346") == [.librosa(.cepstra20)])
    #expect(try parts("logmel") == [.logMel])
    #expect(try parts("egemaps") == [.egemaps(.second)] && parts("egemaps-200ms") == [.egemaps(.fifth)])
    #expect(try parts("compare260") == [.compare] && parts("mid") == [.midLevel(.all)])
    #expect(try parts("egemaps-mid") == [.egemaps(.second), .midLevel(.six)])
    for name in EmbeddingChoice.allNames { #expect(try EmbeddingChoice(name: name).name == name) }
    #expect(try EmbeddingChoice(name: "openl3-mel256-512").name == "openl3")
  }

  @Test func severalNamesAreASumInTheirOrder() throws {
    #expect(try parts("librosa+musicnn") == [.librosa(.all), .musiCNN])
    #expect(try parts("musicnn+librosa") == [.musiCNN, .librosa(.all)])
    let all = "logmel+librosa-346+openl3-mel128-6144+musicnn"
    #expect(try parts(all).count == 4)
    #expect(try EmbeddingChoice(name: all).name == all)
    #expect(try EmbeddingChoice(name: "logmel+librosa").hasWeights == false)
    for name in ["logmel+musicnn", "openl3+librosa"] { #expect(try EmbeddingChoice(name: name).hasWeights) }
  }

  @Test(arguments: [
    "", "musicnn-2", "openl3-", "openl3-mel64", "openl3-6144-mel128", "openl3-6144-6144", "OpenL3", "librosa-386",
    "librosa-", "librosa+", "+librosa", "librosa++musicnn", "librosa + musicnn", "librosa,musicnn", "librosa+vggish",
  ])
  func anythingElseIsRefused(name: String) {
    let wrong = name.split(separator: "+", omittingEmptySubsequences: false)
      .first { !EmbeddingChoice.allNames.contains(String($0)) }
    #expect(throws: EmbeddingChoice.NameProblem.unknown(String(wrong ?? "?"))) { try EmbeddingChoice(name: name) }
  }

  @Test(arguments: [
    ("musicnn+musicnn", "'musicnn' stands twice"), ("librosa+logmel+librosa", "'librosa' stands twice"),
    ("openl3+openl3-mel256-512", "'openl3' stands twice"), ("librosa-346+librosa", "of 'librosa-346' and 'librosa'"),
    ("openl3+musicnn+openl3-6144", "of 'openl3' and 'openl3-6144'"),
  ])
  func aSumHasNothingTwice(name: String, message: String) {
    do {
      _ = try EmbeddingChoice(name: name)
      Issue.record("\(name) passed")
    } catch {
      #expect(error.description.contains(message), "\(error)")
    }
  }
}

/// What is known of the values of an embedding.
@Suite struct ValueNameTests {
  private func inputs() throws -> [any EmbeddingInput] {
    let musiCNN = try SafetensorsFile(path: ShippedModel.musiCNN.locate())
    let openL3 = try Fixture.tensors("openl3-mel256-random-weights.safetensors")
    let single: [any AudioEmbedder] = [
      try MusiCNN(weights: musiCNN),
      try MusiCNN(weights: musiCNN, additions: MusiCNNAdditions(hearsTonality: true)),
      try OpenL3(weights: openL3, variant: OpenL3Variant()),
      try OpenL3(weights: openL3, variant: OpenL3Variant(size: .values6144)),
      LibrosaFeatures(), LibrosaFeatures(.cepstra20), LogMelPatch(),
    ]
    let descriptors: [any AudioEmbedder] = [
      EGeMAPS(), EGeMAPS(.fifth), Compare260(), MidLevelFeatures(), MidLevelFeatures(.six),
    ]
    return single + [
      EmbeddingSum([single[4], single[0]]), EmbeddingSum([single[0], single[5], single[6], single[3]]),
      EmbeddingSum([single[4], descriptors[0], descriptors[2], descriptors[3]]),
    ] + descriptors
  }

  @Test func everyValueHasANameOfItsOwn() throws {
    for input in try inputs() {
      #expect(input.valueNames.count == input.dimension, "\(input.identifier)")
      #expect(Set(input.valueNames).count == input.dimension, "\(input.identifier)")
      #expect(input.shape.reduce(1, *) == input.dimension, "\(input.identifier)")
    }
  }

  @Test func powersAreKnownWhereverTheyLie() throws {
    for input in try inputs() {
      let names = input.valueNames
      let powers = names.indices.filter { place in
        names[place].hasPrefix("mel_")
          || ["compare_energy_", "compare_harmonicity"].contains { names[place].hasPrefix($0) }
            && !names[place].hasSuffix("_delta_mean")
      }
      #expect(input.logarithmicValues == powers, "\(input.identifier)")
    }
    #expect(LibrosaFeatures().logarithmicValues.count == 256 && Compare260().logarithmicValues.count == 9)
  }

  @Test func namesSayWhatAValueIs() throws {
    let inputs = try inputs()
    let (musiCNN, tonal, openL3, librosa) = (
      inputs[0].valueNames, inputs[1].valueNames, inputs[2].valueNames, inputs[4].valueNames
    )
    #expect(musiCNN[0] == "musicnn_1" && musiCNN[199] == "musicnn_200")
    #expect(tonal.prefix(200) == musiCNN[...] && tonal.suffix(2) == ["tonality_mode", "tonality_clarity"])
    #expect(openL3[2] == "openl3_3")
    let places = [
      0: "mfcc_1_mean", 39: "mfcc_40_mean", 40: "chroma_1_mean", 51: "chroma_12_mean", 52: "mel_1_mean",
      179: "mel_128_mean", 180: "contrast_1_mean", 186: "contrast_7_mean", 187: "tonnetz_1_mean", 192: "tonnetz_6_mean",
      193: "mfcc_1_std", 245: "mel_1_std", 385: "tonnetz_6_std",
    ]
    for (place, name) in places { #expect(librosa[place] == name) }
    #expect(LogMelPatch().valueNames[128 * 2 + 4] == "logmel_3_5" && LogMelPatch().shape == [128, 128])
    #expect(inputs[7].valueNames == librosa + musiCNN && inputs[7].identifier == "librosa-386+musicnn-msd-200")
    #expect(inputs[7].highestSampleRate == 22_050 && inputs[7].longestWindow == 3.008)
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
