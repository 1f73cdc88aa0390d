public import Affect
public import Embedding
internal import NeuralNetwork

/// What the layers of MusiCNN that are to be retrained take in: the front end's output for patches of each song.
public struct PatchMaterial: Sendable {
  /// The songs of a ``TrainingMaterial``, in the same order, with fewer ticks and `[187 × 561]` for each.
  public let set: TrainingSet
  /// Which ticks of the material's songs they are.
  public let ticks: [[Int]]
  /// The layers as they were trained first.
  public let original: RetrainedLayers

  public init(set: TrainingSet, ticks: [[Int]], original: RetrainedLayers) {
    self.set = set
    self.ticks = ticks
    self.original = original
  }

  /// The bytes that all patches together may take.
  static let memoryLimit = 6 << 30
  /// More patches of a song teach little: they overlap.
  static let patchLimit = 16
  /// Patches of a song that has one label for all of them.
  static let staticPatchLimit = 4

  /// Runs MusiCNN's front end over the songs of `material`.
  ///
  /// - Parameters:
  ///   - paths: the audio file of each song, by its identifier.
  ///   - inSequence: whether the ticks have to follow each other without a hole, for a sequence model.
  ///   - progress: called when a song is done, from any thread.
  public static func load(
    _ material: TrainingMaterial, paths: [String: String], weights: String, hop: Hop, inSequence: Bool, workers: Int,
    progress: @escaping @Sendable () -> Void
  ) async throws -> PatchMaterial {
    let songs = material.set.songs
    let features = try MusiCNNFeatures(weights: SafetensorsFile(path: weights))
    let bytes = features.dimension * MemoryLayout<Float>.stride
    let staticCount = songs.count(where: \.isStatic)
    let affordable = memoryLimit / bytes - staticCount * staticPatchLimit
    let limit = max(2, min(patchLimit, affordable / max(1, songs.count - staticCount)))
    let ticks = songs.map { song in
      choose(
        from: song.times.count, atMost: song.isStatic ? min(limit, staticPatchLimit) : limit, inSequence: inSequence)
    }
    let inputs = try await ParallelWork.map(
      count: songs.count, workers: workers,
      prepare: { try MusiCNNFeatures(weights: SafetensorsFile(path: weights)) },
      body: { embedder, index in
        defer { progress() }
        guard let path = paths[songs[index].identifier] else {
          preconditionFailure("a song of the data set has a path")
        }
        let values = try SongEmbeddings(of: path, embedder: embedder, hop: hop, ticks: Set(ticks[index])).values
        return joined(values, width: embedder.dimension, tonality: material.set, song: index, ticks: ticks[index])
      })
    return PatchMaterial(
      set: TrainingSet(
        songs: zip(songs, ticks).map { $0.taking($1) }, inputs: inputs,
        width: features.dimension + material.set.tonalityCount,
        tonalityCount: material.set.tonalityCount),
      ticks: ticks, original: try MusiCNNNetwork(weights: SafetensorsFile(path: weights)).retrainableLayers)
  }

  /// The front end's output for each tick, and behind it what `set` has of the tonality.
  private static func joined(
    _ values: [Float], width: Int, tonality set: TrainingSet, song: Int, ticks: [Int]
  ) -> [Float] {
    guard set.tonalityCount > 0 else { return values }
    return ticks.enumerated().flatMap { row, tick in
      values[row * width..<(row + 1) * width] + set.input(song: song, tick: tick).suffix(set.tonalityCount)
    }
  }

  /// At most so many of `count` ticks, evenly spread; or as many in a row, from the middle.
  package static func choose(from count: Int, atMost limit: Int, inSequence: Bool) -> [Int] {
    guard count > limit else { return Array(0..<count) }
    if inSequence {
      let first = (count - limit) / 2
      return Array(first..<first + limit)
    }
    return (0..<limit).map { ($0 * (count - 1) + (limit - 1) / 2) / (limit - 1) }
  }
}
