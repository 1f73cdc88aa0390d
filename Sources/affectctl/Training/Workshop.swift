import Affect
import CommandLineSupport
import Embedding
import Platform
import Training

/// Gets the material for training from a folder of labelled music, and tells the person how far it is.
struct Workshop {
  let dataSet: DataSet
  /// What is trained on and never scored, nil for nothing.
  let also: DataSet?
  /// Identifier of the embedding.
  let embedding: String
  /// How its values lie: frames and bands of an image, or their number alone.
  let shape: [Int]
  private let data: DataOptions
  private let options: TrainingOptions
  private let added: AddedSongsOptions?
  private let progress: ProgressOptions
  private let target: Target
  private let source: Source
  private let weights: [String]

  private enum Source {
    case audio(TrainingMaterial.Network)
    case table(FeatureTable)
  }

  /// Sequence models are trained at two ticks a second, the rate of the labels.
  private static let hop = Hop.standard

  /// - Parameters:
  ///   - input: what the model hears.
  ///   - hearsTonality: whether MusiCNN's embedding, alone, has the tonality behind it.
  ///   - dataSet: the songs, if they have been read.
  init(
    _ data: DataOptions, _ options: TrainingOptions, _ added: AddedSongsOptions?, _ progress: ProgressOptions,
    input: TrainingInput, target: Target = .affect, hearsTonality: Bool, dataSet: DataSet? = nil
  ) throws {
    self.data = data
    self.progress = progress
    self.options = options
    self.added = added
    self.target = target
    switch input {
    case .table(let path):
      try Self.checkGoesWithTable(options, added)
      let table = try FeatureTable(path: TrainingInput.tablePath(path, data: data.data))
      data.report(table.notes)
      (embedding, weights, source) = (table.identifier, [], .table(table))
      shape = [table.names.count]
    case .audio(let choice):
      var settings = PipelineSettings()
      settings.embedding = choice
      settings.weights = options.weights
      let pipeline = settings
      let additions = MusiCNNAdditions(hearsTonality: hearsTonality && choice == .musiCNN)
      let embedder = try settings.makeEmbedder(additions: additions)
      embedding = embedder.identifier
      shape = embedder.shape
      weights = try settings.weightsPaths()
      let cache =
        options.noCache
        ? nil
        : EmbeddingCache(
          root: options.cache ?? EmbeddingCache.standardRoot,
          network: embedder.identifier + (additions.isEmpty ? "" : "-tonality"), weights: weights, hop: Self.hop)
      // Networks give values of one kind; what descriptors give has outliers.
      let hasDescriptors = choice.parts.contains { !$0.hasWeights }
      source = .audio(
        TrainingMaterial.Network(
          cache: cache, shape: embedder.shape, tonalityCount: additions.tonalityCount, copyCount: added?.copyCount ?? 0,
          traits: hasDescriptors
            ? InputTraits(
              names: embedder.valueNames, logarithmic: embedder.logarithmicValues, isClipped: true)
            : InputTraits()
        ) {
          try pipeline.makeEmbedder(additions: additions)
        })
    }
    self.dataSet = if let dataSet { dataSet } else { try data.read() }
    also = try added?.also.map { try data.readWhole($0) }
  }

  /// A table knows songs as a whole, and no others than its own.
  private static func checkGoesWithTable(_ options: TrainingOptions, _ added: AddedSongsOptions?) throws(Failure) {
    guard options.weights == nil else { throw Failure(.usage, "a table has no weights: leave out --weights") }
    guard added?.also == nil, added?.augment == nil else {
      throw Failure(.usage, "a table has one row for each song of DATA: leave out --also and --augment")
    }
    guard case .seconds(0) = options.labelShift else {
      throw Failure(.usage, "a table has songs as a whole, without moments: leave out --label-shift")
    }
  }

  /// What the values of the input are called.
  func valueNames() throws -> [String] {
    switch source {
    case .table(let table): table.names
    case .audio(let network): try network.makeEmbedder().valueNames
    }
  }

  /// The songs with their labels and embeddings. The lag of the listeners is looked for if that is asked for.
  func load() async throws -> TrainingMaterial {
    switch options.labelShift {
    case .seconds(let seconds): return try await load(labelShift: seconds, reporting: true)
    case .automatic:
      guard target == .affect else {
        throw Failure(.usage, "quadrants belong to whole songs: leave out --label-shift auto")
      }
      let shift = try await LabelShiftSearch.best { try await load(labelShift: $0, reporting: false) }
      Console.writeError("affectctl: label shift \(shift) s\n")
      return try await load(labelShift: shift, reporting: true)
    }
  }

  private func load(labelShift: Double, reporting: Bool) async throws -> TrainingMaterial {
    let network: TrainingMaterial.Network
    switch source {
    case .table(let table):
      let material = try TrainingMaterial.load(dataSet, table: table, target: target)
      if reporting { data.report(material.notes) }
      return material
    case .audio(let own): network = own
    }
    let line = WorkProgress("songs embedded", total: dataSet.songs.count + (also?.songs.count ?? 0), progress)
    defer { line.clear() }
    let material = try await TrainingMaterial.load(
      dataSet, network: network, hop: Self.hop, labelShift: labelShift, staticWeight: options.staticWeight,
      also: also?.songs ?? [], quadrantWeight: added?.quadrantWeight ?? 0, target: target,
      workers: Machine.coreCount, progress: { line.advance() })
    line.clear()
    if reporting { data.report(material.notes) }
    return material
  }

  func loadPatches(for material: TrainingMaterial, inSequence: Bool) async throws -> PatchMaterial {
    let line = WorkProgress("songs through MusiCNN's front end", total: material.set.songs.count, progress)
    defer { line.clear() }
    let paths = Dictionary(
      dataSet.songs.map { ($0.identifier, $0.audioPath) }, uniquingKeysWith: { first, _ in first })
    return try await PatchMaterial.load(
      material, paths: paths, weights: weights.first ?? "", hop: Self.hop, inSequence: inSequence,
      workers: Machine.coreCount, progress: { line.advance() })
  }
}
