import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing

/// Convolutional networks against PyTorch, stage by stage: see `tools/make_cnn_fixture.py`.
@Suite struct ConvolutionalNetworkTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it
  private let golden: SafetensorsFile
  private let images: Tensor

  init() throws {
    golden = try Fixture.tensors("cnn-golden.safetensors")
    images = try golden.tensor("images")
  }

  private var inputCount: Int { images.shape[1] * images.shape[2] }

  /// The network of the fixture as a model file that takes values as they are.
  private func file(_ head: ConvolutionHead) throws -> SafetensorsFile {
    let prefix = "\(head.rawValue).model."
    var tensors = try golden.tensorNames.filter { $0.hasPrefix(prefix) }
      .map { (name: String($0.dropFirst(prefix.count)), tensor: try golden.tensor($0)) }
    tensors.append(("normalisation.mean", Tensor(zeros: [inputCount])))
    let ones = Tensor(shape: [inputCount], values: Array(repeating: 1, count: inputCount))
    tensors.append(("normalisation.scale", ones))
    let metadata = [
      "model": "cnn", "embedding": "images", "range": "-1..1", "head": head.rawValue,
      "input_shape": "\(images.shape[1]) \(images.shape[2])",
    ]
    let path = directory.file("\(head.rawValue).safetensors")
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    return try SafetensorsFile(path: path)
  }

  private func image(_ index: Int) -> [Float] {
    Array(images.values[index * inputCount..<(index + 1) * inputCount])
  }

  /// The values of a stage for one image.
  private func stage(_ head: ConvolutionHead, _ name: String, _ index: Int) throws -> [Float] {
    let stage = try golden.tensor("\(head.rawValue).stage.\(name)")
    let count = stage.values.count / stage.shape[0]
    return Array(stage.values[index * count..<(index + 1) * count])
  }

  @Test(arguments: ConvolutionHead.allCases)
  func everyStageIsThatOfPyTorch(_ head: ConvolutionHead) throws {
    let file = try file(head)
    var network = try ConvolutionalNetwork(file, inputCount: inputCount)
    var features = [Float](repeating: 0, count: network.featureCount)
    var state = LiveState(lengths: network.stateLengths)
    var regressor = try EmotionModelFile.load(file, embedding: "images", dimension: inputCount)
    for index in 0..<images.shape[0] {
      network.advance(image(index), &state, into: &features)
      let stages = network.stages
      for (block, map) in stages.blocks.enumerated() {
        let difference = Difference(map.values, try stage(head, "block.\(block)", index)).relativeToLargest
        #expect(difference < 1e-5, "block \(block) of image \(index): \(difference)")
      }
      #expect(stages.blocks.count == 3)
      #expect(Difference(stages.summary, try stage(head, "summary", index)).relativeToLargest < 1e-5)
      #expect(Difference(features, try stage(head, "hidden", index)).relativeToLargest < 1e-5)
      let affect = regressor.estimate(from: image(index)).affect
      let expected = try stage(head, "output", index).map { min(max($0, -1), 1) }
      #expect(Difference([affect.valence, affect.arousal], expected).relativeToLargest < 1e-5)
    }
  }

  // MARK: - Refusals

  private func message(_ model: RandomModel) throws -> String {
    do {
      let file = try model.write(to: directory.file("broken.safetensors"))
      _ = try EmotionModelFile.load(file, embedding: RandomModel.embedding, dimension: model.sizes.inputs)
      return ""
    } catch let error as Failure {
      return error.description
    }
  }

  private func model(_ change: (inout RandomModel.Sizes) -> Void = { _ in }) -> RandomModel {
    var sizes = RandomModel.Sizes()
    change(&sizes)
    return RandomModel(.cnn, sizes)
  }

  @Test func theShapeIsThatOfTheInput() throws {
    var model = model()
    #expect(try message(model) == "")
    model.metadata["input_shape"] = "5 5"
    #expect(
      try message(model).contains("'5 5' for 'input_shape', expected frames and bands of the 108 values that it takes"))
    for text in ["108", "12 9 1", "0 108", "-12 -9", "12,9", "twelve nine", "9223372036854775807 2"] {
      model.metadata["input_shape"] = text
      #expect(try message(model).contains("'\(text)' for 'input_shape', expected the numbers of frames and bands"))
    }
    model.metadata["input_shape"] = nil
    #expect(try message(model).contains("'' for 'input_shape', expected the numbers of frames and bands"))
  }

  @Test func theHeadIsAKnownOne() throws {
    var model = model()
    for text in ["attention", nil] {
      model.metadata["head"] = text
      #expect(
        try message(model).contains(
          "'\(text ?? "")' for 'head', expected one of 'flatten', 'temporal', 'gru', 'gru-attention'"))
    }
  }

  @Test func whatIsPooledAwayIsRefused() throws {
    let small = model { ($0.frames, $0.bands, $0.channels, $0.head) = (8, 4, [2, 2, 2], .flatten) }
    // Three blocks leave nothing of four bands; of the model there is no last map to give a size to.
    #expect(
      try message(small).contains("holds 'conv.2', which gets 2 frames of 1 bands: there is nothing left to pool"))
  }

  @Test func channelsAndWorkAreBounded() throws {
    let wide = model { ($0.frames, $0.bands, $0.channels) = (2, 2, [513]) }
    #expect(try message(wide).contains("at most 512 wide"))
    let large = model { ($0.frames, $0.bands, $0.channels) = (128, 128, [257]) }
    #expect(try message(large).contains("'conv.0' would give 128 x 128 x 257 values, more than 4194304"))
    let slow = model { ($0.frames, $0.bands, $0.channels) = (128, 128, [256, 256]) }
    #expect(try message(slow).contains("its blocks would take more than 2147483648 multiplications at each tick"))
  }

  @Test func aVarianceIsNotBelowZero() throws {
    var model = model()
    model["norm.1.running_var"] = Tensor(shape: [4], values: [1, 1, -0.1, 1])
    #expect(try message(model).contains("tensor 'norm.1.running_var' holds a variance below 0"))
  }

  @Test func gatesAreInAllBlocksOrInNone() throws {
    var model = model()
    model.tensors.removeAll { $0.name.hasPrefix("se.1.") }
    #expect(try message(model).contains("tensor 'se.1.reduce.weight' of shape [width, 4] is missing"))
    model.tensors.removeAll { $0.name.hasPrefix("se.0.") }
    #expect(try message(model) == "")
  }
}
