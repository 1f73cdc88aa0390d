import NeuralNetwork
import Platform
import TestSupport
import Testing
import Training

/// What PyTorch computed, see `tools/make_layer_fixtures.py`.
struct PyTorchValues {
  let file: SafetensorsFile

  init() throws { file = try Fixture.tensors("layers-pytorch.safetensors") }

  func tensor(_ name: String) throws -> DenseTensor<Float> { DenseTensor(try file.tensor(name)) }

  /// Compares output and gradients of a layer with those of PyTorch's of this name.
  func compare(
    _ name: String, parameters: [Parameter<Float>] = [], sourceLocation: SourceLocation = #_sourceLocation,
    _ apply: (Variable<Float>) -> Variable<Float>
  ) throws {
    for parameter in parameters {
      let value = try tensor("\(name).parameter.\(parameter.name)")
      try #require(value.shape == parameter.variable.shape, "\(parameter.name)", sourceLocation: sourceLocation)
      parameter.variable.value = value
    }
    parameters.clearGradients()
    let given = file.tensorNames.filter { $0.hasPrefix("\(name).parameter.") }
    try #require(given.count == parameters.count, sourceLocation: sourceLocation)

    let input = Variable(try tensor("\(name).input"), needsGradient: true)
    let output = apply(input)
    (output * Variable(try tensor("\(name).output_weights"))).sum().backward()

    func expect(_ actual: DenseTensor<Float>?, _ expectedName: String) throws {
      let actual = try #require(actual, "no \(expectedName)", sourceLocation: sourceLocation)
      let expected = try tensor(expectedName)
      try #require(actual.shape == expected.shape, "\(expectedName)", sourceLocation: sourceLocation)
      let difference = Difference(actual.values, expected.values).relativeToLargest
      #expect(difference < 1e-5, "\(expectedName)", sourceLocation: sourceLocation)
    }
    try expect(output.value, "\(name).output")
    try expect(input.gradient, "\(name).input_gradient")
    for parameter in parameters { try expect(parameter.variable.gradient, "\(name).gradient.\(parameter.name)") }
  }
}

/// Each layer forward and backward against PyTorch.
@Suite struct PyTorchLayerTests {
  let values: PyTorchValues
  var generator = SeededGenerator(seed: 1)

  init() throws { values = try PyTorchValues() }

  @Test func activations() throws {
    try values.compare("relu") { $0.relu() }
    try values.compare("gelu") { $0.gelu() }
    try values.compare("tanh") { $0.tanh() }
    try values.compare("sigmoid") { $0.sigmoid() }
    try values.compare("softmax") { $0.softmax() }
  }

  @Test mutating func linear() throws {
    let layer = DenseLayer<Float>(8, 5, using: &generator)
    try values.compare("linear", parameters: layer.parameters) { layer.apply(to: $0) }
  }

  @Test func layerNormalization() throws {
    let layer = LayerNormalizationLayer<Float>(8)
    try values.compare("layer_norm", parameters: layer.parameters) { layer.apply(to: $0) }
  }

  @Test(arguments: ["training", "inference"])
  func batchNormalizationAndItsAverages(when: String) throws {
    let name = "batch_norm_\(when)"
    let layer = BatchNormalizationLayer<Float>(8, epsilon: 1e-3)
    for average in layer.state { average.variable.value = try values.tensor("\(name).\(average.name)") }
    let pass = when == "training" ? Pass.training(generator) : .inference
    try values.compare(name, parameters: layer.parameters) { layer.apply(to: $0, pass: pass) }
    for average in layer.state {
      let expected = try values.tensor("\(name).\(average.name)_after")
      #expect(Difference(average.variable.value.values, expected.values).relativeToLargest < 1e-6)
    }
  }

  @Test func frozenStatisticsAreUsedInTraining() throws {
    let name = "batch_norm_inference"
    let layer = BatchNormalizationLayer<Float>(
      scale: DenseTensor(zeros: [8]), offset: DenseTensor(zeros: [8]),
      mean: try values.tensor("\(name).running_mean"), variance: try values.tensor("\(name).running_var"),
      epsilon: 1e-3, hasFrozenStatistics: true)
    let before = layer.state.map(\.variable.value)
    try values.compare(name, parameters: layer.parameters) { layer.apply(to: $0, pass: .training(generator)) }
    #expect(layer.state.map(\.variable.value) == before)
  }

  @Test(arguments: [4, 7])
  mutating func convolutionAlongTime(taps: Int) throws {
    let layer = Convolution1D<Float>(4, 5, taps: taps, using: &generator)
    try values.compare("convolution1d_\(taps)", parameters: layer.parameters) { layer.apply(to: $0) }
  }

  @Test mutating func convolutionOfImages() throws {
    let layer = Convolution2D<Float>(3, 4, height: 3, width: 2, padding: (1, 2), using: &generator)
    try values.compare("convolution2d", parameters: layer.parameters) { layer.apply(to: $0) }
  }

  @Test func pooling() throws {
    try values.compare("max_pool1d") { $0.maximumPooled(4) }
    try values.compare("mean_pool1d") { $0.meanPooled(4) }
    try values.compare("max_pool2d") { $0.maximumPooled(height: 2, width: 3) }
    try values.compare("mean_pool2d") { $0.meanPooled(height: 2, width: 3) }
  }

  @Test(arguments: [RecurrentStack<Float>.Cell.lstm, .gru])
  mutating func recurrentLayers(cell: RecurrentStack<Float>.Cell) throws {
    let layer = RecurrentStack<Float>(cell, inputs: 8, hidden: 5, layers: 2, isBidirectional: true, using: &generator)
    var pass = Pass.inference
    try values.compare("\(cell)", parameters: layer.parameters) { layer.apply(to: $0, pass: &pass) }
    try values.compare("\(cell)_ragged", parameters: layer.parameters) {
      layer.apply(to: $0, lengths: [6, 4, 1], pass: &pass)
    }
  }

  @Test mutating func attention() throws {
    let patterns: [(String, AttentionPattern, lengths: [Int]?)] = [
      ("attention", .full, nil),
      ("attention_ragged", .full, [6, 4, 1]),
      ("attention_causal", AttentionPattern(isCausal: true, span: 3), nil),
      ("attention_biased", AttentionPattern(isCausal: true, span: 3, hasDistanceBias: true), nil),
    ]
    for (name, pattern, lengths) in patterns {
      let layer = MultiHeadAttention<Float>(features: 8, heads: 2, pattern: pattern, using: &generator)
      var pass = Pass.inference
      try values.compare(name, parameters: layer.parameters) {
        layer.apply(to: $0, lengths: lengths, pass: &pass)
      }
    }
  }
}
