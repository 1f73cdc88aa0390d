internal import Affect
internal import Embedding
internal import NeuralNetwork
internal import Platform

/// Makes the regressor that a model file describes.
struct EmotionModelReader {
  let card: ModelCard
  let kind: EmotionModelKind
  private let file: SafetensorsFile

  /// - Throws: ``Failure`` if the file is no emotion model of a known kind, or belongs to another embedding than
  ///   `identifier`.
  init(_ file: SafetensorsFile, embedding identifier: String) throws(Failure) {
    self.file = file
    card = try ModelCard(metadataOf: file)
    guard let kind = EmotionModelKind(rawValue: card.kind) else {
      let known = EmotionModelKind.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      throw Failure(
        .invalidData, file.path, "holds a model of the kind '\(card.kind)', expected one of \(known)")
    }
    self.kind = kind
    guard card.range == "-1..1" else {
      throw problem("has labels in the range '\(card.range)', expected '-1..1'")
    }
    guard !card.embedding.hasPrefix(EmotionModelFile.tablePrefix) || card.embedding == identifier else {
      throw problem(
        "the model '\(card.name)' reads features that another program computed ('\(card.embedding)'), and not audio: it "
          + "can be trained and compared, but not run; train one on what affectd hears, such as --input librosa")
    }
    guard card.embedding == identifier else {
      throw problem(
        "the model '\(card.name)' belongs to the embedding '\(card.embedding)', but the embedding is '\(identifier)': "
          + "name a model for it with --model, or choose the embedding that fits the model")
    }
    guard file.metadata[RetrainedLayers.recentFramesKey] == nil || (kind.isLive && !kind.isSequential) else {
      throw problem(
        "its metadata have '\(RetrainedLayers.recentFramesKey)', which a '\(card.kind)' has no use for: it remembers what came before"
      )
    }
    guard file.metadata[VenueGate.membersKey] == nil || kind.isLive else {
      throw problem(
        "its metadata have '\(VenueGate.membersKey)', which a '\(card.kind)' has no use for: it hears a whole piece at once"
      )
    }
    guard !kind.isSequential || card.step != nil else {
      throw problem("its metadata have no 'step_s', expected the seconds between two steps of a '\(card.kind)'")
    }
  }

  func problem(_ text: String) -> Failure { Failure(.invalidData, file.path, text) }

  /// How many sequences a model follows when its ticks lie `hop` apart.
  ///
  /// - Throws: ``Failure`` if the hop does not divide the step.
  func sequenceCount(hop: Hop) throws(Failure) -> Int {
    guard kind.isSequential, let step = card.step else { return 1 }
    let count = (step / hop.seconds).rounded()
    guard count >= 1, abs(count * hop.seconds - step) < 1e-6 else {
      throw problem(
        "the model '\(card.name)' looks at a step every \(step) s, which is no multiple of the hop of \(hop.seconds) s: "
          + "choose a hop that divides it, such as \(step), or name another model with --model")
    }
    return Int(count)
  }

  // MARK: - Regressors

  /// - Parameter interval: seconds between two ticks.
  func liveRegressor(
    dimension: Int, interval: Double, sequenceCount: Int
  ) throws(Failure) -> LiveRegressor {
    var members: [LiveRegressor.Member] = []
    let parts = try parts(dimension: dimension)
    var stateCount = 0
    for part in parts {
      let inputCount = part.reading.count
      var network: any LiveNetwork
      var output: Dense?
      switch kind {
      case .mlp: (network, output) = try MultilayerPerceptron.read(part.tensors, inputCount: inputCount)
      case .cnn: network = try ConvolutionalNetwork(part.tensors, inputCount: inputCount)
      case .gru: network = try GatedRecurrentNetwork(part.tensors, inputCount: inputCount)
      case .causalTransformer: network = try CausalTransformer(part.tensors, inputCount: inputCount)
      case .ridge, .lasso: network = IdentityNetwork(featureCount: inputCount)
      case .svr, .svm: network = try KernelMachine(part.tensors, inputCount: inputCount)
      case .forest, .boosting:
        let tellsQuadrants = QuadrantHead.isIn(part.tensors)
        network = try TreeEnsemble(
          part.tensors, inputCount: inputCount,
          outputCount: tellsQuadrants ? QuadrantHead.count : OutputHead.outputCount,
          givesShares: tellsQuadrants && kind == .forest)
      case .bilstm, .transformer: preconditionFailure("asked only for live kinds")
      }
      stateCount += sequenceCount * network.stateLengths.reduce(0, +)
      guard stateCount <= LiveRegressor.stateLimit else {
        throw problem(
          "the model '\(card.name)' would remember more than \(LiveRegressor.stateLimit) numbers, which is the limit: "
            + "train one that is narrower, has a shorter span or fewer members")
      }
      members.append(
        LiveRegressor.Member(
          start: part.start, tailCount: part.tailCount, reading: part.reading, network: network,
          head: try OutputHead(part.tensors, featureCount: network.featureCount, output: output, kind: kind)))
    }
    return LiveRegressor(
      card: card, inputCount: dimension, members: members,
      calibration: try calibration(isUncertain: members.map(\.head.isUncertain)),
      gate: try ChangeGate(metadataOf: file),
      venue: try VenueGate(metadataOf: file, memberCount: members.count), interval: interval,
      sequenceCount: sequenceCount)
  }

  /// The members of a model whose sums can be told apart by their inputs.
  ///
  /// - Throws: ``Failure`` if it is of another kind.
  func additiveMembers(dimension: Int) throws(Failure) -> [AdditiveMember] {
    let isLinear = kind == .ridge || kind == .lasso
    guard isLinear || kind == .forest || kind == .boosting else {
      throw problem(
        "the model '\(card.name)' is of the kind '\(kind.rawValue)': what its inputs contribute can be told of ridge, "
          + "lasso, forest and boosting alone")
    }
    guard try MusiCNNAdditions(from: file).isEmpty else {
      throw problem(
        "the model '\(card.name)' hears more of the music than MusiCNN's embedding, such as its newest second: what its "
          + "inputs contribute can be told of models without that, such as one of --input librosa")
    }
    var members: [AdditiveMember] = []
    for part in try parts(dimension: dimension) {
      let count = part.reading.count
      let form: AdditiveMember.Form
      if isLinear {
        form = .linear(try part.tensors.dense("output", inputs: count, outputs: OutputHead.outputCount))
      } else {
        let outputs = QuadrantHead.isIn(part.tensors) ? QuadrantHead.count : OutputHead.outputCount
        form = .trees(try TreeEnsemble(part.tensors, inputCount: count, outputCount: outputs, givesShares: false))
      }
      guard part.reading.projection == nil else {
        throw problem("the model '\(card.name)' mixes its inputs before it sums them: they cannot be told apart")
      }
      members.append(AdditiveMember(reading: part.reading, form: form))
    }
    return members
  }

  func offlineRegressor(dimension: Int) throws(Failure) -> OfflineRegressor {
    var members: [OfflineRegressor.Member] = []
    for part in try parts(dimension: dimension) {
      let inputCount = part.reading.count
      let network: any OfflineNetwork =
        kind == .bilstm
        ? try BidirectionalLSTM(part.tensors, inputCount: inputCount)
        : try Transformer(part.tensors, inputCount: inputCount)
      members.append(
        OfflineRegressor.Member(
          start: part.start, tailCount: part.tailCount, reading: part.reading, network: network,
          head: try OutputHead(part.tensors, featureCount: network.featureCount, kind: kind)))
    }
    return OfflineRegressor(
      card: card, inputCount: dimension, members: members,
      calibration: try calibration(isUncertain: members.map(\.head.isUncertain)))
  }

  // MARK: - Members

  /// A member's tensors, and the part of the embedding that it reads.
  private struct Part {
    let tensors: ModelTensors
    let reading: ModelInput
    let start: Int
    /// Values at the end of the embedding that it reads, too.
    let tailCount: Int
  }

  /// The members of the model. Those that bring retrained layers read what their own layers give, one behind the other;
  /// the others all read the same embedding, which comes first. What is heard of the tonality comes last, for all.
  private func parts(dimension: Int) throws(Failure) -> [Part] {
    let prefixes = try file.memberPrefixes()
    let bringsLayers = prefixes.map { file.hasTensors(beginningWith: "\($0)musicnn.") }
    var embeddingCount = bringsLayers.contains(false) ? 1 : 0
    // Behind the embedding of the whole window comes that of its newest part.
    let embeddings = file.metadata[RetrainedLayers.recentFramesKey] == nil ? 1 : 2
    let tailCount = try MusiCNNAdditions.tonalityCount(in: file)
    var parts: [Part] = []
    for (prefix, bringsLayers) in zip(prefixes, bringsLayers) {
      let tensors = ModelTensors(file: file, prefix: prefix)
      let reading = try ModelInput(tensors)
      guard reading.selection == nil || !bringsLayers && tailCount == 0 && embeddings == 1 else {
        throw problem("has '\(prefix)selection', which does not go with layers of MusiCNN or its tonality")
      }
      guard reading.selection.map({ $0.allSatisfy { $0 < dimension } }) ?? true else {
        throw problem(
          "tensor '\(prefix)selection' reads values that '\(card.embedding)' does not have, which gives \(dimension)")
      }
      guard !QuadrantHead.isIn(tensors) || embeddings == 1 && file.metadata[VenueGate.membersKey] == nil else {
        throw problem(
          "the model '\(card.name)' tells quadrants apart, which goes with neither "
            + "'\(RetrainedLayers.recentFramesKey)' nor '\(VenueGate.membersKey)'")
      }
      let inputCount = parts.first?.reading.readCount ?? reading.readCount
      guard inputCount > tailCount else {
        throw problem(
          "its metadata have '\(tailCount)' for '\(MusiCNNAdditions.tonalityKey)', but it takes \(inputCount) values in all"
        )
      }
      guard reading.readCount == inputCount || reading.selection != nil else {
        throw problem(
          "tensor '\(prefix)normalisation.mean' has the shape [\(reading.readCount)], expected [\(inputCount)] as in "
            + "the first member")
      }
      parts.append(
        Part(
          tensors: tensors, reading: reading,
          start: bringsLayers ? embeddingCount * embeddings * (inputCount - tailCount) : 0, tailCount: tailCount))
      if bringsLayers { embeddingCount += 1 }
    }
    // What a selection reads was looked at.
    guard parts.contains(where: { $0.reading.selection == nil }) else { return parts }
    let ownCount = (parts.first?.reading.readCount ?? tailCount) - tailCount
    let inputCount = embeddingCount * embeddings * ownCount + tailCount
    guard inputCount == dimension else {
      throw problem("the model '\(card.name)' takes \(inputCount) values, but '\(card.embedding)' gives \(dimension)")
    }
    return parts
  }

  private func calibration(isUncertain: [Bool]) throws(Failure) -> ConfidenceCalibration? {
    let all = isUncertain.allSatisfy { $0 }
    guard all || !isUncertain.contains(true) else {
      throw problem("only some of the members have 'uncertainty.weight' and 'uncertainty.bias', expected all or none")
    }
    guard file.shape(of: "confidence") != nil else { return nil }
    guard all else {
      throw problem("holds 'confidence' but no 'uncertainty.weight', of which the confidence is made")
    }
    let values = try file.tensor("confidence", shape: [2]).values
    return ConfidenceCalibration(slope: values[0], offset: values[1])
  }
}
