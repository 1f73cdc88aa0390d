import Affect
import EmotionModel
import Foundation
import NeuralNetwork
import Platform
import TestSupport
import Testing

/// What is wrong with a model file is told with the file, the tensor and what was expected.
@Suite struct ModelFileErrorTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Stands for a value that is no number, which nobody writes. No random weight is like it.
  private static let marker: Float = -1.234567e33

  /// The error of a model file, an empty text if there is none.
  private func message(_ model: RandomModel, dimension: Int? = nil, forSequences: Bool = true) throws -> String {
    let path = directory.file("broken.safetensors")
    var file = try model.write(to: path)
    var bytes = try Data(contentsOf: URL(filePath: path))
    let marker = withUnsafeBytes(of: Self.marker.bitPattern.littleEndian) { Data($0) }
    if let place = bytes.range(of: marker) {
      bytes.replaceSubrange(place, with: withUnsafeBytes(of: Float.nan.bitPattern.littleEndian) { Data($0) })
      try bytes.write(to: URL(filePath: path))
      file = try SafetensorsFile(path: path)
    }
    do {
      let dimension = dimension ?? model.sizes.inputs
      if forSequences {
        _ = try EmotionModelFile.loadForSequences(file, embedding: RandomModel.embedding, dimension: dimension)
      } else {
        _ = try EmotionModelFile.load(file, embedding: RandomModel.embedding, dimension: dimension)
      }
      return ""
    } catch {
      #expect(error.description.hasPrefix("\(path): "))
      return error.description
    }
  }

  /// Each tensor in turn is left out, given a row more, or given a value that is no number.
  @Test(arguments: EmotionModelKind.allCases, [nil, 2])
  func everyTensorIsNeededAndChecked(kind: EmotionModelKind, members: Int?) throws {
    var sizes = RandomModel.Sizes()
    sizes.members = members
    sizes.isUncertain = true
    let model = RandomModel(kind, sizes)
    #expect(try message(model) == "")
    for (index, (name, tensor)) in model.tensors.enumerated() {
      var missing = model
      missing.tensors.remove(at: index)
      let text = try message(missing)
      #expect(text.contains("tensor '\(name)' of shape") && text.contains("is missing"), "\(text)")

      var reshaped = model
      reshaped[name] = Tensor(zeros: [tensor.shape[0] + 1] + tensor.shape.dropFirst())
      #expect(try message(reshaped).contains("expected"), "\(name)")

      var infinite = model
      var values = tensor.values
      values[values.count / 2] = Self.marker
      infinite[name] = Tensor(shape: tensor.shape, values: values)
      #expect(try message(infinite).contains("tensor '\(name)' holds values that are not finite"))
    }
  }

  @Test func theErrorNamesTheTensorAndTheShape() throws {
    var model = RandomModel(.gru)
    model["gru.0.weight_ih"] = Tensor(zeros: [19, 5])
    #expect(
      try message(model).contains("tensor 'gru.0.weight_ih' has the shape [19, 5], expected [3 x width, 5]"))
    model = RandomModel(.gru)
    model["gru.1.weight_hh"] = Tensor(zeros: [12, 5])
    #expect(try message(model).contains("tensor 'gru.1.weight_hh' has the shape [12, 5], expected [12, 4]"))
    model = RandomModel(.ridge)
    model["output.weight"] = Tensor(zeros: [3, 5])
    #expect(try message(model).contains("tensor 'output.weight' has the shape [3, 5], expected [2, 5]"))
    model = RandomModel(.causalTransformer)
    model.tensors.removeAll { $0.name == "input.weight" }
    #expect(try message(model).contains("tensor 'input.weight' of shape [width, 5] is missing"))
  }

  @Test(arguments: [EmotionModelKind.transformer, .causalTransformer])
  func theHeadsDivideTheWidth(kind: EmotionModelKind) throws {
    var model = RandomModel(kind)
    model.metadata["heads"] = "3"
    #expect(try message(model).contains("has 3 heads and a width of 8"))
    for text in ["0", "65", "two", "2.0"] {
      model.metadata["heads"] = text
      #expect(try message(model).contains("'\(text)' for 'heads', expected a whole number from 1 to 64"))
    }
    model.metadata["heads"] = nil
    #expect(try message(model).contains("no 'heads'"))
  }

  @Test func theSpanIsBounded() throws {
    var model = RandomModel(.causalTransformer)
    for text in ["0", "-8", "4097", ""] {
      model.metadata["span"] = text
      #expect(try message(model).contains("'\(text)' for 'span', expected a whole number from 1 to 4096"))
    }
    model.metadata["span"] = nil
    #expect(try message(model).contains("no 'span'"))
    model.metadata["span"] = "4096"
    #expect(try message(model) == "")
  }

  @Test func whatIsRememberedIsBounded() throws {
    var sizes = RandomModel.Sizes()
    (sizes.width, sizes.blocks, sizes.step, sizes.inner) = (96, 1, 5, 1)
    var model = RandomModel(.causalTransformer, sizes)
    model.metadata["span"] = "4096"
    #expect(try message(model) == "")
    // A hundred sequences are too much.
    let file = try model.write(to: directory.file("large.safetensors"))
    let error = #expect(throws: Failure.self) {
      try EmotionModelFile.load(
        file, embedding: RandomModel.embedding, dimension: sizes.inputs, hop: Hop(seconds: 0.05)!)
    }
    #expect(error?.description.contains("would remember more than 67108864 numbers") == true)
  }

  @Test func widthAndDepthAreBounded() throws {
    var sizes = RandomModel.Sizes()
    (sizes.inputs, sizes.widths) = (1, [4097])
    #expect(try message(RandomModel(.mlp, sizes)).contains("at most 4096 wide"))
    (sizes.inputs, sizes.widths) = (1, Array(repeating: 1, count: 15))
    #expect(try message(RandomModel(.mlp, sizes)) == "")
    sizes.widths.append(1)
    #expect(try message(RandomModel(.mlp, sizes)).contains("a layer 'layers.16', expected at most 16"))
    sizes.widths.append(1)
    #expect(try message(RandomModel(.gru, sizes)).contains("a layer 'gru.16', expected at most 16"))
    sizes.blocks = 17
    #expect(try message(RandomModel(.transformer, sizes)).contains("a layer 'blocks.16', expected at most 16"))
  }

  @Test func aModelWithoutLayersIsNone() throws {
    for (kind, name) in [
      (EmotionModelKind.mlp, "layers"), (.gru, "gru"), (.bilstm, "lstm"), (.transformer, "blocks"),
      (.causalTransformer, "blocks"),
    ] {
      var model = RandomModel(kind)
      model.tensors.removeAll { $0.name.hasPrefix("\(name).") }
      #expect(try message(model).contains("holds no layers '\(name).N', expected at least one"))
    }
  }

  @Test func membersAreCounted() throws {
    var model = RandomModel(.ridge)
    for text in ["0", "17", "many"] {
      model.metadata["members"] = text
      #expect(try message(model).contains("'\(text)' for 'members', expected a whole number from 1 to 16"))
    }
    var sizes = RandomModel.Sizes()
    sizes.members = 16
    model = RandomModel(.ridge, sizes)
    #expect(try message(model) == "")
    model["members.15.normalisation.mean"] = Tensor(zeros: [4])
    model["members.15.normalisation.scale"] = Tensor(shape: [4], values: [1, 1, 1, 1])
    #expect(try message(model).contains("'members.15.normalisation.mean' has the shape [4], expected [5]"))
  }

  @Test func aModelTakesWhatTheEmbeddingGives() throws {
    #expect(try message(RandomModel(.gru), dimension: 6).contains("takes 5 values, but 'random' gives 6"))
  }

  @Test func allMembersAreUncertainOrNone() throws {
    var sizes = RandomModel.Sizes()
    (sizes.members, sizes.isUncertain) = (2, true)
    var model = RandomModel(.ridge, sizes)
    model.tensors.removeAll { $0.name.hasPrefix("members.1.uncertainty") }
    #expect(try message(model).contains("only some of the members have 'uncertainty.weight'"))
    model.tensors.removeAll { $0.name.hasPrefix("members.0.uncertainty") }
    #expect(try message(model) == "")
    model.tensors.append(("confidence", Tensor(zeros: [2])))
    #expect(try message(model).contains("'confidence' but no 'uncertainty.weight'"))
  }

  @Test func theCalibrationIsTwoNumbers() throws {
    var sizes = RandomModel.Sizes()
    sizes.isUncertain = true
    var model = RandomModel(.ridge, sizes)
    model.tensors.append(("confidence", Tensor(zeros: [3])))
    #expect(try message(model).contains("tensor 'confidence' has the shape [3], expected [2]"))
  }

  @Test func aSequenceModelSaysItsStep() throws {
    for kind in EmotionModelKind.allCases {
      var model = RandomModel(kind)
      model.metadata["step_s"] = nil
      #expect(try message(model).contains("no 'step_s'") == kind.isSequential)
      for text in ["0", "-0.5", "nan", "half"] {
        model.metadata["step_s"] = text
        #expect(try message(model).contains("'\(text)' for 'step_s', expected seconds from 0.05 to 5.0"))
      }
    }
  }

  @Test func unknownKindsAreRefusedWithTheKnownOnes() throws {
    var model = RandomModel(.ridge)
    model.metadata["model"] = "oracle"
    let text = try message(model)
    #expect(text.contains("'oracle'"))
    for kind in EmotionModelKind.allCases { #expect(text.contains("'\(kind.rawValue)'")) }
  }

  @Test func whatNeedsTheWholePieceCannotFollowAStream() throws {
    for kind in EmotionModelKind.allCases {
      let text = try message(RandomModel(kind), forSequences: false)
      guard !kind.isLive else {
        #expect(text == "")
        continue
      }
      #expect(text.contains("'chance'") && text.contains("'\(kind.rawValue)'"))
      #expect(text.contains("train a causal one") && text.contains("affectctl evaluate"))
    }
  }

  /// What a model reads of its input, and how, is checked as well.
  @Test func whatIsReadIsInTheInput() throws {
    var model = RandomModel(.lasso)
    model.tensors.append(("selection", vector([0, 2, 3, 7, 9])))
    #expect(try message(model, dimension: 10) == "")
    #expect(
      try message(model, dimension: 9).contains(
        "tensor 'selection' reads values that 'random' does not have, which gives 9"))
    for indices: [Float] in [
      [0, 2, 2, 7, 9], [2, 0, 3, 7, 9], [-1, 2, 3, 7, 9], [0, 2, 3.5, 7, 9], [0, 2, 3, 7, 32_768],
    ] {
      model["selection"] = vector(indices)
      #expect(
        try message(model, dimension: 10).contains("tensor 'selection' holds other than whole numbers from 0 to 32767"),
        "\(indices)")
    }
    model["selection"] = vector([0, 2, 3, 7])
    #expect(
      try message(model, dimension: 10).contains(
        "tensor 'selection' has 4 values, expected 5 as in 'normalisation.mean'"))
  }

  @Test func theProjectionTakesWhatIsRead() throws {
    var model = RandomModel(.ridge)
    model.tensors.append(("projection.weight", Tensor(zeros: [5, 6])))
    #expect(
      try message(model).contains("tensor 'projection.weight' has the shape [5, 6], expected [5, 5]"))
    model["projection.weight"] = Tensor(zeros: [3, 5])
    #expect(try message(model).contains("tensor 'output.weight' has the shape [2, 5], expected [2, 3]"))
    model["output.weight"] = Tensor(zeros: [2, 3])
    #expect(try message(model) == "")
    model["projection.weight"] = Tensor(zeros: [5])
    #expect(try message(model).contains("tensor 'projection.weight' has the shape [5], expected [outputs, 5]"))
  }

  @Test func theLimitIsAboveZero() throws {
    var model = RandomModel(.ridge)
    model.tensors.append(("normalisation.limit", vector([0])))
    #expect(try message(model).contains("tensor 'normalisation.limit' holds 0.0, expected more than 0"))
    model["normalisation.limit"] = vector([5])
    #expect(try message(model) == "")
  }

  @Test func logarithmsAreOfValuesThatAreThereAndRise() throws {
    var model = RandomModel(.ridge)
    model.tensors.append(("normalisation.logarithmic", vector([1, 4])))
    #expect(try message(model) == "")
    for indices: [Float] in [[3, 1], [1, 1], [1, 5], [-1], [0.5]] {
      model["normalisation.logarithmic"] = vector(indices)
      #expect(
        try message(model).contains(
          "tensor 'normalisation.logarithmic' holds other than whole numbers from 0 to 4, expected each larger"),
        "\(indices)")
    }
  }

  @Test(arguments: [EmotionModelKind.forest, .boosting])
  func treesEnd(kind: EmotionModelKind) throws {
    /// The nodes: a leaf alone; one with two children, of which the left one has two more.
    func message(left: [Float]) throws -> String {
      var model = RandomModel(kind)
      model["trees.left"] = vector(left)
      return try self.message(model)
    }
    #expect(try message(left: [-1, 2, 4, -1, -1, -1]) == "")
    // A node that is its own child, and one whose child is before it.
    #expect(try message(left: [-1, 2, 2, -1, -1, -1]).contains("tensor 'trees.left' leads back"))
    #expect(try message(left: [-1, 2, 0, -1, -1, -1]).contains("at node 2"))
    // The right child lies behind the left one.
    #expect(try message(left: [-1, 2, 5, -1, -1, -1]).contains("holds other than whole numbers from -1 to 4"))
    var model = RandomModel(kind)
    model["trees.feature"] = vector([0, 5, 0, 0, 0, 0])
    #expect(
      try self.message(model).contains("tensor 'trees.feature' holds other than whole numbers from 0 to 4"))
    model = RandomModel(kind)
    model["trees.cover"] = vector([7, 7, 4, 3, 1, 0])
    #expect(try self.message(model).contains("tensor 'trees.cover' holds values that are not above 0"))
    model = RandomModel(kind)
    model["trees.roots"] = vector([0, 6])
    #expect(try self.message(model).contains("tensor 'trees.roots' holds other than whole numbers from 0 to 5"))
  }

  @Test func treesAreNotTooDeep() throws {
    /// A tree of so many questions one below the other.
    func message(questions: Int) throws -> String {
      var trees = TreeEnsemble(outputCount: 2)
      trees.addTree(cover: Float(questions + 1))
      var node = 0
      for question in 0..<questions {
        node = trees.split(node, feature: 0, threshold: 0, covers: (Float(questions - question), 1))
      }
      var model = RandomModel(.forest)
      model.tensors.removeAll { $0.name.hasPrefix("trees.") }
      model.tensors += trees.tensors
      return try self.message(model)
    }
    #expect(try message(questions: 32) == "")
    #expect(try message(questions: 33).contains("tensor 'trees.left' leads back, or through more than 32 nodes"))
  }

  @Test(arguments: [EmotionModelKind.svr, .svm])
  func kernelsHaveAWidth(kind: EmotionModelKind) throws {
    var model = RandomModel(kind)
    for gamma: Float in [0, -1] {
      model["support.gamma"] = vector([gamma])
      #expect(try message(model).contains("tensor 'support.gamma' holds \(gamma), expected more than 0"))
    }
  }

  @Test func centroidsLieInThePlane() throws {
    var model = RandomModel(.svm)
    model["centroids"] = Tensor(shape: [4, 2], values: [1, 1, -1, 1, -1, -1, 1, -1])
    #expect(try message(model) == "")
    model["centroids"] = Tensor(shape: [4, 2], values: [1, 1, -1, 1, -1, -1, 1, -1.01])
    #expect(try message(model).contains("tensor 'centroids' holds values outside -1 to 1"))
  }

  /// As wide as the patch of a log-mel spectrogram beside other inputs.
  @Test(arguments: [EmotionModelKind.ridge, .forest, .mlp])
  func aWideInputIsRead(kind: EmotionModelKind) throws {
    var sizes = RandomModel.Sizes()
    sizes.inputs = 23_114
    var model = RandomModel(kind, sizes)
    #expect(try message(model) == "")
    // Of it some values, the last one among them.
    sizes.inputs = 2
    model = RandomModel(kind, sizes)
    model.tensors.append(("selection", vector([3, 23_113])))
    #expect(try message(model, dimension: 23_114) == "")
    #expect(try message(model, dimension: 23_113).contains("does not have, which gives 23113"))
    sizes.inputs = 32_769
    #expect(try message(RandomModel(kind, sizes)).contains("at most 32768 wide"))
  }

  private func vector(_ values: [Float]) -> Tensor { Tensor(shape: [values.count], values: values) }
}
