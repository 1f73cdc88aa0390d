internal import Affect
internal import Embedding
internal import EmotionModel
internal import NeuralNetwork
internal import Platform

/// A whole network that can be trained: MusiCNN's retrained layers if there are any, the body, and the layers that read
/// valence, arousal and their uncertainty off its features.
struct TrainableNetwork {
  let kind: EmotionModelKind
  let target: Target
  /// What has been made of the inputs already; nil if they come as they were embedded.
  private let reading: ModelInput?
  private let normalization: InputNormalization
  /// Nil for inputs that are normalised.
  private let scaling: (mean: Variable<Float>, inverseScale: Variable<Float>)?
  private let backEnd: TrainableBackEnd?
  private let tonalityCount: Int
  /// Of a perceptron.
  private let hiddenCount: Int
  private let body: any TrainableBody
  private let output: DenseLayer<Float>
  private let uncertainty: DenseLayer<Float>

  struct Outputs {
    /// `[samples × 2]`; the logits of the quadrants, `[samples × 4]`, if these are the target.
    let values: Variable<Float>
    /// `[samples × 2]`
    let logVariances: Variable<Float>
  }

  /// - Parameters:
  ///   - reading: what has been made of the inputs already; nil if they come as they were embedded.
  ///   - normalization: mean and scale of the embeddings.
  ///   - shape: of the values that come in at a tick, without `layers`.
  ///   - tonalityCount: how many of their values, at the end, are what is heard of the tonality.
  ///   - layers: MusiCNN's layers to train along with the rest.
  init(
    kind: EmotionModelKind, target: Target = .affect, reading: ModelInput? = nil, normalization: InputNormalization,
    shape: [Int], tonalityCount: Int = 0, retraining layers: RetrainedLayers?, settings training: TrainingSettings,
    generator: inout SeededGenerator
  ) {
    self.kind = kind
    self.target = target
    self.reading = reading
    let shape = layers == nil ? shape : [normalization.count]
    let inputs = shape.reduce(1, *)
    self.normalization = normalization
    self.tonalityCount = tonalityCount
    scaling =
      reading == nil
      ? (
        Variable(DenseTensor(shape: [inputs], values: normalization.mean)),
        Variable(DenseTensor(shape: [inputs], values: normalization.scale.map { 1 / $0 }))
      ) : nil
    backEnd = layers.map(TrainableBackEnd.init)
    body = Self.makeBody(kind, shape: shape, training, generator: &generator)
    hiddenCount = training.hiddenSizes.count
    output = DenseLayer(body.featureCount, target.outputCount, using: &generator)
    // Begins with a standard deviation of 0.22 whatever the features.
    uncertainty = DenseLayer(
      weight: DenseTensor(zeros: [2, body.featureCount]), bias: DenseTensor(repeating: -3, shape: [2]))
  }

  private static func makeBody(
    _ kind: EmotionModelKind, shape: [Int], _ training: TrainingSettings, generator: inout SeededGenerator
  ) -> any TrainableBody {
    let (inputs, dropout) = (shape.reduce(1, *), training.dropout)
    return switch kind {
    case .ridge, .lasso, .svr, .svm, .forest, .boosting: IdentityBody(featureCount: inputs)
    case .mlp: PerceptronBody(inputs: inputs, sizes: training.hiddenSizes, dropout: dropout, generator: &generator)
    case .cnn:
      ConvolutionalBody(shape: shape, settings: training.convolution, dropout: dropout, generator: &generator)
    case .gru: GRUBody(inputs: inputs, dropout: dropout, generator: &generator)
    case .bilstm: BidirectionalLSTMBody(inputs: inputs, dropout: dropout, generator: &generator)
    case .causalTransformer:
      TransformerBody(inputs: inputs, isCausal: true, dropout: dropout, generator: &generator)
    case .transformer:
      TransformerBody(inputs: inputs, isCausal: false, dropout: dropout, generator: &generator)
    }
  }

  /// - Parameter input: `[batch × ticks × embedding]`, or `[batch × ticks × 187 · 561]` and the tonality behind it if
  ///   layers of MusiCNN are retrained.
  func evaluate(_ input: Variable<Float>, pass: inout Pass) -> Outputs {
    let (batch, ticks) = (input.shape[0], input.shape[1])
    var embeddings = input
    if let backEnd {
      let size = TrainableBackEnd.frames * TrainableBackEnd.channels
      let patches = tonalityCount == 0 ? input : input.slice(axis: 2, 0..<size)
      let result = backEnd.embeddings(
        of: patches.reshaped([batch * ticks, TrainableBackEnd.frames, TrainableBackEnd.channels]))
      embeddings = result.reshaped([batch, ticks, result.shape[1]])
      if tonalityCount > 0 {
        embeddings = Variable.concatenated([embeddings, input.slice(axis: 2, size..<size + tonalityCount)], axis: 2)
      }
    }
    if let scaling { embeddings = (embeddings - scaling.mean) * scaling.inverseScale }
    let features = body.features(of: embeddings, pass: &pass)
      .reshaped([batch * ticks, body.featureCount])
    return Outputs(values: output.apply(to: features), logVariances: uncertainty.apply(to: features.detached()))
  }

  /// What the body takes of a tick's input, normalised.
  func normalized(_ input: ArraySlice<Float>) -> [Float] {
    reading == nil ? normalization.applied(to: input) : Array(input)
  }

  /// All that is trained.
  var parameters: [Parameter<Float>] { retrainedParameters + newParameters }

  /// All that changes in training: what is trained, and running averages.
  var changing: [Parameter<Float>] { parameters + body.state }

  /// What is trained from its start: all but MusiCNN's layers.
  var newParameters: [Parameter<Float>] { body.parameters + outputParameters }

  /// MusiCNN's layers.
  var retrainedParameters: [Parameter<Float>] { backEnd?.parameters.prefixed("musicnn") ?? [] }

  private var outputParameters: [Parameter<Float>] {
    guard target == .affect else { return output.parameters.prefixed("classes") }
    // A perceptron's output is its last layer.
    let name = kind == .mlp ? "layers.\(hiddenCount)" : "output"
    return output.parameters.prefixed(name) + uncertainty.parameters.prefixed("uncertainty")
  }

  /// The tensors of the model file.
  var tensors: [(name: String, tensor: Tensor)] {
    let others = (retrainedParameters + outputParameters).map { (name: $0.name, tensor: $0.variable.value.tensor) }
    let centroids = target == .quadrant ? [QuadrantHead.centroidTensor] : []
    return (reading?.tensors ?? normalization.tensors) + others + centroids + body.tensors
  }

  /// The metadata of the model file that belong to the kind.
  var settings: [String: String] {
    var settings = body.settings
    if tonalityCount > 0 { settings[MusiCNNAdditions.tonalityKey] = "\(tonalityCount)" }
    // Models for MusiCNN bring its layers, or hear the tonality.
    if backEnd != nil || tonalityCount > 0, !kind.isSequential {
      settings[RetrainedLayers.recentFramesKey] = "\(ChangeGateSettings.frames)"
      settings[ChangeGate.distancesKey] = ChangeGateSettings.distances
    }
    return settings
  }

  /// Sets the output layers, of a network that is not trained step by step.
  func setOutputs(weights: [[Double]], offsets: [Double], logVariances: [Double]) {
    output.weight.value = DenseTensor(shape: output.weight.shape, values: weights.flatMap { $0.map { Float($0) } })
    output.bias?.value = DenseTensor(shape: [2], values: offsets.map { Float($0) })
    uncertainty.bias?.value = DenseTensor(shape: [2], values: logVariances.map { Float($0) })
  }

  /// What the network says of a song's ticks.
  func predict(_ set: TrainingSet, song: Int) -> [EmotionPrediction] {
    predict(set.inputs[song][...], ticks: set.songs[song].times.count, width: set.width)
  }

  /// What the network says of the ticks at `indices`, in their order. A sequence model hears the others, too.
  func predict(_ set: TrainingSet, song: Int, at indices: [Int]) -> [EmotionPrediction] {
    guard !kind.isSequential else {
      let all = predict(set, song: song)
      return indices.map { all[$0] }
    }
    let input = indices.flatMap { set.input(song: song, tick: $0) }
    return predict(input[...], ticks: indices.count, width: set.width)
  }

  /// - Parameter input: `[ticks × width]`
  private func predict(_ input: ArraySlice<Float>, ticks: Int, width: Int) -> [EmotionPrediction] {
    guard ticks > 0 else { return [] }
    // One patch takes half a megabyte and more in the layers: a model that looks at each by itself gets a few at a time.
    let step = (backEnd == nil || kind.isSequential) && !kind.readsImages ? ticks : 8
    return parameters.withoutGradients {
      stride(from: 0, to: ticks, by: step).flatMap { first in
        let range = first..<min(ticks, first + step)
        var pass = Pass.inference
        let start = input.startIndex
        let values = Array(input[start + range.lowerBound * width..<start + range.upperBound * width])
        let outputs = evaluate(
          Variable(DenseTensor(shape: [1, range.count, width], values: values)), pass: &pass)
        return target == .quadrant ? Self.quadrants(outputs) : Self.predictions(outputs)
      }
    }
  }

  private static func quadrants(_ outputs: Outputs) -> [EmotionPrediction] {
    let logits = outputs.values.value.values
    return (0..<logits.count / 4).map { index in
      QuadrantHead.prediction(
        of: QuadrantHead.softmax(SIMD4<Double>((0..<4).map { Double(logits[4 * index + $0]) })))
    }
  }

  private static func predictions(_ outputs: Outputs) -> [EmotionPrediction] {
    let (values, logVariances) = (outputs.values.value.values, outputs.logVariances.value.values)
    func deviation(_ index: Int) -> Float {
      // The bounds of the model file's documentation.
      Float.exponential(min(max(logVariances[index], -10), 2) / 2)
    }
    return (0..<values.count / 2).map {
      EmotionPrediction(
        affect: Affect(valence: values[2 * $0], arousal: values[2 * $0 + 1]),
        valenceDeviation: deviation(2 * $0), arousalDeviation: deviation(2 * $0 + 1))
    }
  }
}

/// How a model that looks at each patch by itself hears a change sooner, see docs/model-file.md. Found on held-out songs
/// of DEAM: see docs/models.md.
private enum ChangeGateSettings {
  static let frames = 62
  static let distances = "0.2 0.45"
}
