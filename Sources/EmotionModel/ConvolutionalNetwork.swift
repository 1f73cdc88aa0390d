package import NeuralNetwork
package import Platform

/// A convolutional network over an image of frames and bands, such as three seconds of a mel spectrum: blocks, each of which
/// halves frames and bands; a summary of the last map; a dense layer with ReLU, whose values are the features. It
/// remembers nothing from tick to tick.
package struct ConvolutionalNetwork: LiveNetwork {
  package var featureCount: Int { hidden.outputCount }

  private var blocks: [ConvolutionBlock]
  private var summary: any MapSummary
  private let hidden: Dense

  /// `[frames × bands × 1]`
  private var image: Tensor
  private var summarized: [Float]
  private var workspace: [Float] = []

  /// The most multiplications of all blocks: about a tenth of a second of one core.
  private static let workLimit = 1 << 31

  /// Reads the blocks `conv.N`, `norm.N` and, if the first has any, `se.N`, what belongs to the head, and `hidden`.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or the metadata say nothing of use.
  init(_ tensors: ModelTensors, inputCount: Int) throws(Failure) {
    let (frames, bands) = try Self.shape(tensors, inputCount: inputCount)
    image = Tensor(zeros: [frames, bands, 1])
    let hasGates = tensors.file.hasTensors(beginningWith: "\(tensors.prefix)se.")
    blocks = []
    var map = image.shape
    var work = 0
    for number in 0..<(try tensors.depth("conv")) {
      let block = try ConvolutionBlock(tensors, number, input: map, hasGates: hasGates)
      work += block.work
      guard work <= Self.workLimit else {
        throw tensors.problem("its blocks would take more than \(Self.workLimit) multiplications at each tick")
      }
      map = block.output.shape
      blocks.append(block)
    }
    summary =
      switch try Self.head(tensors) {
      case .flatten: FlattenedMap(shape: map)
      case .temporal: try ConvolvedPlaces(tensors, shape: map)
      case .gru: try RecurrentFrames(tensors, shape: map, hasAttention: false)
      case .gruAttention: try RecurrentFrames(tensors, shape: map, hasAttention: true)
      }
    summarized = Array(repeating: 0, count: summary.count)
    let width = try tensors.dimension(0, of: "hidden.weight", expecting: "[width, \(summary.count)]", rank: 2)
    hidden = try tensors.dense("hidden", inputs: summary.count, outputs: width)
  }

  private static func shape(
    _ tensors: ModelTensors, inputCount: Int
  ) throws(Failure) -> (frames: Int, bands: Int) {
    let text = tensors.file.metadata[ConvolutionMetadata.inputShape] ?? ""
    let numbers = text.split(separator: " ").map { Int($0) ?? 0 }
    let sizes = 1...ModelTensors.inputLimit
    guard numbers.count == 2, sizes.contains(numbers[0]), sizes.contains(numbers[1]) else {
      throw tensors.problem(
        "its metadata have '\(text)' for '\(ConvolutionMetadata.inputShape)', expected the numbers of frames and bands of the input, such as "
          + "'128 128'")
    }
    guard numbers[0] * numbers[1] == inputCount else {
      throw tensors.problem(
        "its metadata have '\(text)' for '\(ConvolutionMetadata.inputShape)', expected frames and bands of the \(inputCount) values that it "
          + "takes")
    }
    return (numbers[0], numbers[1])
  }

  private static func head(_ tensors: ModelTensors) throws(Failure) -> ConvolutionHead {
    let text = tensors.file.metadata[ConvolutionMetadata.head] ?? ""
    guard let head = ConvolutionHead(rawValue: text) else {
      throw tensors.problem(
        "its metadata have '\(text)' for '\(ConvolutionMetadata.head)', expected one of \(ConvolutionHead.names)")
    }
    return head
  }

  /// From a file with one network, for its stages.
  ///
  /// - Throws: ``Failure`` if a tensor is missing or has another shape, or the metadata say nothing of use.
  package init(_ file: SafetensorsFile, inputCount: Int) throws(Failure) {
    try self.init(ModelTensors(file: file, prefix: ""), inputCount: inputCount)
  }

  /// What came out of each block, `[frames × bands × channels]`, and of the summary at the last tick.
  package var stages: (blocks: [Tensor], summary: [Float]) { (blocks.map(\.output), summarized) }

  package mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    image.fill { values in
      for index in values.indices { values[index] = input[index] }
    }
    blocks[0].apply(to: image, workspace: &workspace)  // there is at least one
    for index in blocks.indices.dropFirst() {
      blocks[index].apply(to: blocks[index - 1].output, workspace: &workspace)
    }
    summary.apply(to: blocks[blocks.count - 1].output, into: &summarized, workspace: &workspace)
    hidden.apply(to: summarized, into: &features)
    for index in features.indices { features[index] = max(0, features[index]) }
  }
}
