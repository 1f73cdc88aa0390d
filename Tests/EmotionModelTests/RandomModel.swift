import EmotionModel
import NeuralNetwork
import Platform
import TestSupport

/// A small emotion model with random weights, and the same evaluated in the plainest way.
struct RandomModel {
  /// What decides the size of a model.
  struct Sizes {
    var inputs = 5
    /// Of the hidden layers: MLP, GRU, LSTM.
    var widths = [6, 4]
    /// Of the transformers.
    var width = 8
    var heads = 2
    var blocks = 2
    var inner = 7
    var span = 8
    var members: Int?
    var isUncertain = false
    var step = 0.5

    init() {}

    /// Any sizes.
    init(using generator: inout SeededGenerator) {
      inputs = .random(in: 1...9, using: &generator)
      widths = (0..<Int.random(in: 1...3, using: &generator)).map { _ in .random(in: 1...7, using: &generator) }
      heads = .random(in: 1...4, using: &generator)
      width = heads * Int.random(in: 1...4, using: &generator)
      blocks = .random(in: 1...3, using: &generator)
      inner = .random(in: 1...9, using: &generator)
      span = .random(in: 1...12, using: &generator)
      members = Bool.random(using: &generator) ? .random(in: 1...3, using: &generator) : nil
      isUncertain = .random(using: &generator)
    }
  }

  let kind: EmotionModelKind
  let sizes: Sizes
  /// What tells quadrants apart always knows how sure it is.
  var isUncertain: Bool { sizes.isUncertain || kind == .svm }
  var tensors: [(name: String, tensor: Tensor)] = []
  var metadata: [String: String]

  static let embedding = "random"

  init(_ kind: EmotionModelKind, _ sizes: Sizes = Sizes(), seed: Int = 0) {
    self.kind = kind
    self.sizes = sizes
    metadata = ["model": kind.rawValue, "embedding": Self.embedding, "range": "-1..1", "name": "chance"]
    metadata["members"] = sizes.members.map { "\($0)" }
    if kind.isSequential { metadata["step_s"] = "\(sizes.step)" }
    if kind == .transformer || kind == .causalTransformer { metadata["heads"] = "\(sizes.heads)" }
    if kind == .causalTransformer { metadata["span"] = "\(sizes.span)" }
    var generator = SeededGenerator(seed: UInt64(seed))
    for prefix in prefixes { addMember(prefix, &generator) }
  }

  var prefixes: [String] { sizes.members.map { (0..<$0).map { "members.\($0)." } } ?? [""] }

  private mutating func addMember(_ prefix: String, _ generator: inout SeededGenerator) {
    func add(_ name: String, _ shape: [Int], around centre: Float = 0, _ spread: Float) {
      let values = (0..<shape.reduce(1, *)).map { _ in centre + Float.random(in: -spread...spread, using: &generator) }
      tensors.append((prefix + name, Tensor(shape: shape, values: values)))
    }
    func dense(_ weight: String, _ bias: String, _ inputs: Int, _ outputs: Int, gain: Float = 1.5) {
      add(weight, [outputs, inputs], gain / Float(inputs).squareRoot())
      add(bias, [outputs], 0.2)
    }
    func layer(_ name: String, _ inputs: Int, _ outputs: Int, gain: Float = 1.5) {
      dense("\(name).weight", "\(name).bias", inputs, outputs, gain: gain)
    }
    func norm(_ name: String) {
      add("\(name).weight", [sizes.width], around: 1, 0.3)
      add("\(name).bias", [sizes.width], 0.3)
    }
    func recurrent(_ name: String, _ inputs: Int, _ width: Int, gates: Int) {
      dense("\(name).weight_ih", "\(name).bias_ih", inputs, gates * width)
      dense("\(name).weight_hh", "\(name).bias_hh", width, gates * width)
    }
    add("normalisation.mean", [sizes.inputs], 0.5)
    add("normalisation.scale", [sizes.inputs], around: 1, 0.4)
    var inputs = sizes.inputs
    switch kind {
    case .ridge, .lasso: break
    case .svr, .svm:
      let count = sizes.widths.reduce(1, +)
      add("support.vectors", [count, inputs], 1)
      add("support.gamma", [1], around: 0.3, 0.2)
      inputs = count
    case .forest, .boosting:
      // Two trees: a leaf alone, and two questions.
      func set(_ name: String, _ values: [Float]) {
        tensors.append((prefix + name, Tensor(shape: [values.count], values: values)))
      }
      set("trees.feature", [0, Float(inputs - 1), 0, 0, 0, 0])
      add("trees.threshold", [6], 1)
      set("trees.left", [-1, 2, 4, -1, -1, -1])
      add("trees.value", [6, 2], 0.2)
      set("trees.cover", [7, 7, 4, 3, 1, 3])
      set("trees.roots", [0, 1])
      inputs = 2
    case .mlp:
      for (index, width) in (sizes.widths + [2]).enumerated() {
        layer("layers.\(index)", inputs, width, gain: index == sizes.widths.count ? 0.5 : 1.5)
        if index < sizes.widths.count { inputs = width }
      }
    case .gru:
      for (index, width) in sizes.widths.enumerated() {
        recurrent("gru.\(index)", inputs, width, gates: 3)
        inputs = width
      }
    case .bilstm:
      for (index, width) in sizes.widths.enumerated() {
        recurrent("lstm.\(index).forward", inputs, width, gates: 4)
        recurrent("lstm.\(index).backward", inputs, width, gates: 4)
        inputs = 2 * width
      }
    case .transformer, .causalTransformer:
      layer("input", inputs, sizes.width)
      inputs = sizes.width
      for index in 0..<sizes.blocks {
        let name = "blocks.\(index)"
        for part in ["norm1", "norm2"] { norm("\(name).\(part)") }
        for part in ["query", "key", "value", "output"] { layer("\(name).attention.\(part)", inputs, inputs) }
        layer("\(name).feedforward.0", inputs, sizes.inner)
        layer("\(name).feedforward.1", sizes.inner, inputs)
      }
      norm("norm")
    }
    guard kind != .svm else {
      dense("pairs.weight", "pairs.bias", inputs, 6)
      add("pairs.slope", [6], around: -1.5, 0.5)
      add("pairs.offset", [6], 0.2)
      add("centroids", [4, 2], 0.9)
      return
    }
    if kind != .mlp { layer("output", inputs, 2, gain: 0.5) }
    if sizes.isUncertain { layer("uncertainty", inputs, 2, gain: 2) }
  }

  subscript(name: String) -> Tensor {
    get { tensors.first { $0.name == name }!.tensor }  // a test that asks for another one is wrong
    set { tensors[tensors.firstIndex { $0.name == name }!].tensor = newValue }
  }

  func write(to path: String) throws -> SafetensorsFile {
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    return try SafetensorsFile(path: path)
  }

  /// Random embeddings.
  func sequence(_ count: Int, seed: Int) -> [[Float]] {
    var generator = SeededGenerator(seed: UInt64(1000 + seed))
    return (0..<count).map { _ in (0..<sizes.inputs).map { _ in .random(in: -2...2, using: &generator) } }
  }
}
