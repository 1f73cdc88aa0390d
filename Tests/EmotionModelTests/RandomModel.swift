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
    /// Of an image, in the place of ``inputs``.
    var (frames, bands) = (12, 9)
    /// Of convolutions.
    var channels = [3, 4]
    var hasGates = true
    var head = ConvolutionHead.gruAttention

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
      channels = (0..<Int.random(in: 1...3, using: &generator)).map { _ in .random(in: 1...5, using: &generator) }
      let least = 1 << channels.count
      frames = .random(in: least...3 * least, using: &generator)
      bands = .random(in: least...3 * least, using: &generator)
      hasGates = .random(using: &generator)
      head = ConvolutionHead.allCases[.random(in: 0...3, using: &generator)]
    }

    /// Frames, bands and channels of the last map of convolutions.
    var lastMap: (frames: Int, bands: Int, channels: Int) {
      (frames >> channels.count, bands >> channels.count, channels[channels.count - 1])
    }
  }

  let kind: EmotionModelKind
  private(set) var sizes: Sizes
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
    if kind == .cnn {
      self.sizes.inputs = sizes.frames * sizes.bands
      metadata["input_shape"] = "\(sizes.frames) \(sizes.bands)"
      metadata["head"] = sizes.head.rawValue
    }
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
    case .cnn:
      inputs = 1
      for (index, channels) in sizes.channels.enumerated() {
        add("conv.\(index).weight", [channels, inputs, 3, 3], 1.5 / Float(9 * inputs).squareRoot())
        add("conv.\(index).bias", [channels], 0.2)
        for (part, centre) in [("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)] as [(String, Float)]
        {
          add("norm.\(index).\(part)", [channels], around: centre, 0.3)
        }
        if sizes.hasGates {
          layer("se.\(index).reduce", channels, 2)
          layer("se.\(index).expand", 2, channels)
        }
        inputs = channels
      }
      let map = sizes.lastMap
      switch sizes.head {
      case .flatten: inputs = map.frames * map.bands * map.channels
      case .temporal:
        add("temporal.weight", [4, map.channels, 3], 1.5 / Float(3 * map.channels).squareRoot())
        add("temporal.bias", [4], 0.2)
        inputs = 4 * map.frames * map.bands
      case .gru, .gruAttention:
        recurrent("gru.0", map.bands * map.channels, 4, gates: 3)
        inputs = 4
        if sizes.head == .gruAttention { layer("attention", inputs, 1) }
      }
      layer("hidden", inputs, 6)
      inputs = 6
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
