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
  private let data: DataOptions
  private let options: TrainingOptions
  private let added: AddedSongsOptions?
  private let progress: ProgressOptions
  private let network: TrainingMaterial.Network
  private let weights: [String]

  /// Sequence models are trained at two ticks a second, the rate of the labels.
  private static let hop = Hop.standard

  init(
    _ data: DataOptions, _ options: TrainingOptions, _ added: AddedSongsOptions?, _ progress: ProgressOptions
  ) throws {
    self.data = data
    self.progress = progress
    self.options = options
    self.added = added
    let settings = options.pipeline
    let additions = MusiCNNAdditions(hearsTonality: settings.embedding == .musiCNN)
    let embedder = try settings.makeEmbedder(additions: additions)
    embedding = embedder.identifier
    weights = try settings.weightsPaths()
    let cache =
      options.noCache
      ? nil
      : EmbeddingCache(
        root: options.cache ?? EmbeddingCache.standardRoot,
        network: embedder.identifier + (additions.isEmpty ? "" : "-tonality"), weights: weights,
        hop: Self.hop)
    network = TrainingMaterial.Network(
      cache: cache, tonalityCount: additions.tonalityCount,
      copyCount: added?.copyCount ?? 0
    ) {
      try settings.makeEmbedder(additions: additions)
    }
    dataSet = try data.read()
    also = try added?.also.map { try data.readWhole($0) }
  }

  /// The songs with their labels and embeddings. The lag of the listeners is looked for if that is asked for.
  func load() async throws -> TrainingMaterial {
    switch options.labelShift {
    case .seconds(let seconds): return try await load(labelShift: seconds, reporting: true)
    case .automatic:
      let shift = try await LabelShiftSearch.best { try await load(labelShift: $0, reporting: false) }
      Console.writeError("affectctl: label shift \(shift) s\n")
      return try await load(labelShift: shift, reporting: true)
    }
  }

  private func load(labelShift: Double, reporting: Bool) async throws -> TrainingMaterial {
    let line = WorkProgress("songs embedded", total: dataSet.songs.count + (also?.songs.count ?? 0), progress)
    defer { line.clear() }
    let material = try await TrainingMaterial.load(
      dataSet, network: network, hop: Self.hop, labelShift: labelShift, staticWeight: options.staticWeight,
      also: also?.songs ?? [], quadrantWeight: added?.quadrantWeight ?? 0, workers: Machine.coreCount,
      progress: { line.advance() })
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
      workers: Machine.coreCount,
      progress: { line.advance() })
  }
}
