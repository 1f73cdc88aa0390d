public import Affect
public import Embedding
public import Platform

/// A data set as networks take it in: its songs with their labels and embeddings.
public struct TrainingMaterial: Sendable {
  /// Songs that are split into training, validation and test, then those with static labels alone, which are trained on
  /// and never scored.
  public let set: TrainingSet
  /// How many of the songs are split.
  public let splitCount: Int
  /// What was odd about the songs.
  public let notes: [DataSetNote]

  public init(set: TrainingSet, splitCount: Int, notes: [DataSetNote]) {
    self.set = set
    self.splitCount = splitCount
    self.notes = notes
  }

  /// The songs that are split.
  public var splitSongs: ArraySlice<TrainingSong> { self.set.songs.prefix(splitCount) }

  /// Songs that are trained on and never scored, and whose artist is not known: it may be one of those that are scored.
  public var unknownArtistCount: Int {
    self.set.songs.dropFirst(splitCount).count { $0.artist == nil && $0.original == nil }
  }

  /// The labelled ticks of a song that a learner takes which sees all samples at once.
  ///
  /// - Parameter limit: at most so many, evenly spread; nil for all.
  public func learnedTicks(ofSong song: Int, perSong limit: Int?) -> [Int] {
    let ticks = self.set.songs[song].labels.indices.filter { self.set.songs[song].labels[$0] != nil }
    return Samples.spread(ticks[...], count: limit)
  }

  /// Songs as they were recorded, without their copies.
  public var originalCount: Int { self.set.songs.count { $0.original == nil } }

  /// The same songs without their copies, which come last.
  public var withoutCopies: TrainingMaterial {
    let count = originalCount
    return TrainingMaterial(
      set: TrainingSet(
        songs: Array(self.set.songs.prefix(count)), inputs: Array(self.set.inputs.prefix(count)), width: self.set.width,
        shape: self.set.shape, tonalityCount: self.set.tonalityCount, traits: self.set.traits), splitCount: splitCount,
      notes: notes)
  }

  /// What the embeddings of songs are computed with.
  public struct Network: Sendable {
    public let makeEmbedder: @Sendable () throws -> any EmbeddingInput
    let cache: EmbeddingCache?
    /// How the values of an embedding lie, see ``TrainingSet/shape``; nil for without an order.
    let shape: [Int]?
    /// Values at the end of an embedding that are what is heard of the tonality.
    let tonalityCount: Int
    /// Copies of each song as it sounds in other venues.
    let copyCount: Int
    /// What is known of the values.
    let traits: InputTraits

    public init(
      cache: EmbeddingCache?, shape: [Int]? = nil, tonalityCount: Int = 0, copyCount: Int = 0,
      traits: InputTraits = InputTraits(),
      makeEmbedder: @escaping @Sendable () throws -> any EmbeddingInput
    ) {
      self.makeEmbedder = makeEmbedder
      self.cache = cache
      self.shape = shape
      self.tonalityCount = tonalityCount
      self.copyCount = copyCount
      self.traits = traits
    }
  }

  /// Embeds the songs of a data set, or takes their embeddings from the cache.
  ///
  /// A song that cannot be read is left out and told of.
  ///
  /// - Parameters:
  ///   - staticWeight: how much the label of a song counts that has a static one alone; 0 leaves such songs out. Where
  ///     there are no other songs, they are split like those.
  ///   - also: songs that are trained on and never scored.
  ///   - quadrantWeight: how much the quadrant of such a song counts of which nothing else is known.
  ///   - target: if these are quadrants, all songs have one, if need be from their labels, and all but those of `also`
  ///     are scored.
  ///   - workers: threads.
  ///   - progress: called with the number of songs that are done, from any thread.
  /// - Throws: what `network` throws; ``Failure`` if no song is left.
  public static func load(
    _ dataSet: DataSet, network: Network, hop: Hop, labelShift: Double, staticWeight: Float,
    also: [LabelledSong] = [], quadrantWeight: Float = 0, target: Target = .affect, workers: Int,
    progress: @escaping @Sendable () -> Void
  ) async throws -> TrainingMaterial {
    if target == .quadrant {
      return try await loadQuadrants(
        dataSet, network: network, hop: hop, also: also, workers: workers, progress: progress)
    }
    // Without any labels over time, the static ones are what there is to learn.
    let onlyStatic = !dataSet.songs.contains { !$0.dynamicLabels.isEmpty }
    let songs =
      dataSet.songs.filter { !$0.dynamicLabels.isEmpty || onlyStatic || staticWeight > 0 }
      + also
    let ownCount = songs.count - also.count
    let heard = try await hear(songs, network: network, hop: hop, workers: workers, progress: progress)
    let (kept, notes) = keep(heard, without: "it has no label where it has an embedding") { number, song, times in
      let labelled = TrainingSong(
        song, times: times, labelShift: labelShift,
        staticWeight: onlyStatic && number < ownCount ? 1 : staticWeight, quadrantWeight: quadrantWeight)
      return labelled.map { ($0, number < ownCount && (onlyStatic || !$0.isStatic) && !$0.isQuadrant) }
    }
    guard kept.contains(where: \.isScored) else {
      let isOfQuadrants = dataSet.songs.allSatisfy {
        $0.quadrant != nil && $0.staticLabel == nil && $0.dynamicLabels.isEmpty
      }
      guard !isOfQuadrants else {
        throw Failure(
          .invalidData,
          "\(dataSet.name): of its songs nothing but quadrants is known, by which no model is scored: give it as --also "
            + "beside a folder with labels, or train with --target quadrant")
      }
      let reasons = notes.prefix(3).map(\.description).joined(separator: "; ")
      throw Failure(.invalidData, "\(dataSet.name): no song can be used: \(reasons)")
    }
    return material(kept, network: network, notes: notes)
  }

  /// A song with what was heard of it.
  private typealias KeptSong = (song: TrainingSong, input: [Float], copies: [SongEmbeddings], isScored: Bool)

  /// The songs that were heard and are labelled, and what was odd about them.
  ///
  /// - Parameters:
  ///   - lack: why a song has no label, for its note.
  ///   - label: the song with its labels at the ticks that it was heard at, and whether it is scored; nil without a label.
  private static func keep(
    _ heard: [HeardSong], without lack: String,
    label: (_ number: Int, _ song: LabelledSong, _ times: [Double]) -> (TrainingSong, isScored: Bool)?
  ) -> (kept: [KeptSong], notes: [DataSetNote]) {
    var notes: [DataSetNote] = []
    var kept: [KeptSong] = []
    for (number, song) in heard.enumerated() {
      notes += song.notes
      guard let embeddings = song.embeddings else { continue }
      if let (labelled, isScored) = label(number, song.song, embeddings.times) {
        kept.append((labelled, embeddings.values, song.copies, isScored))
      } else {
        notes.append(DataSetNote(song: song.song.identifier, message: "is left out: \(lack)"))
      }
    }
    return (kept, notes)
  }

  private static func hear(
    _ songs: [LabelledSong], network: Network, hop: Hop, workers: Int, progress: @escaping @Sendable () -> Void
  ) async throws -> [HeardSong] {
    try await ParallelWork.map(
      count: songs.count, workers: workers, prepare: { try network.makeEmbedder() },
      body: { embedder, index in
        defer { progress() }
        return HeardSong(
          songs[index], embedder: embedder, hop: hop, cache: network.cache, copyCount: network.copyCount)
      })
  }

  /// The songs of a data set with the row that a table has of each, as of a single moment.
  ///
  /// - Throws: ``Failure`` if the table has no song of the data set.
  public static func load(
    _ dataSet: DataSet, table: FeatureTable, target: Target
  ) throws(Failure) -> TrainingMaterial {
    var notes: [DataSetNote] = []
    var kept: [KeptSong] = []
    for song in dataSet.songs {
      let labels = song.dynamicLabels.map(\.affect)
      let quadrant = song.withQuadrantAlone.quadrant
      let own = labels.isEmpty ? song.staticLabel : Affect(meanOf: labels)
      guard let values = table.values(of: song.identifier),
        let label = target == .quadrant ? quadrant?.signs : own
      else {
        notes.append(
          DataSetNote(song: song.identifier, message: "is left out: it has no row in the table, or no label"))
        continue
      }
      kept.append(
        (
          TrainingSong(
            identifier: song.identifier, artist: song.artist, times: [0], labels: [label], weight: 1, isStatic: true,
            isQuadrant: target == .quadrant), values, [], true
        ))
    }
    guard !kept.isEmpty else {
      throw Failure(.invalidData, "\(dataSet.name): the table has a row of none of its songs, or they have no label")
    }
    let network = Network(cache: nil, traits: InputTraits(names: table.names, isClipped: true)) {
      throw Failure(.usage, "a table has no embedding")
    }
    return material(kept, network: network, notes: notes)
  }

  /// The songs with their quadrants.
  private static func loadQuadrants(
    _ dataSet: DataSet, network: Network, hop: Hop, also: [LabelledSong], workers: Int,
    progress: @escaping @Sendable () -> Void
  ) async throws -> TrainingMaterial {
    let songs = dataSet.songs + also
    let heard = try await hear(
      songs.map(\.withQuadrantAlone), network: network, hop: hop, workers: workers, progress: progress)
    let (kept, notes) = keep(heard, without: "it has no quadrant, or no embedding") { number, song, times in
      TrainingSong(song, times: times, quadrantWeight: 1).map { ($0, number < dataSet.songs.count) }
    }
    guard kept.contains(where: \.isScored) else {
      let reasons = notes.prefix(3).map(\.description).joined(separator: "; ")
      throw Failure(.invalidData, "\(dataSet.name): no song can be used: \(reasons)")
    }
    return material(kept, network: network, notes: notes)
  }

  private static func material(
    _ kept: [KeptSong], network: Network, notes: [DataSetNote]
  ) -> TrainingMaterial {
    let splitSongs = kept.filter(\.isScored)
    let ordered = splitSongs + kept.filter { !$0.isScored }
    let copies = ordered.enumerated().flatMap { number, song in
      song.copies.compactMap { copy in
        song.song.copy(of: number, times: copy.times).map { (song: $0, input: copy.values) }
      }
    }
    return TrainingMaterial(
      set: TrainingSet(
        songs: ordered.map(\.song) + copies.map(\.song), inputs: ordered.map(\.input) + copies.map(\.input),
        width: (ordered.first?.input.count ?? 0) / max(1, ordered.first?.song.times.count ?? 1),
        shape: network.shape, tonalityCount: network.tonalityCount, traits: network.traits),
      splitCount: splitSongs.count, notes: notes)
  }

  private struct HeardSong: Sendable {
    var song: LabelledSong
    var embeddings: SongEmbeddings?
    var copies: [SongEmbeddings] = []
    var notes: [DataSetNote] = []

    init(
      _ song: LabelledSong, embedder: any EmbeddingInput, hop: Hop, cache: EmbeddingCache?, copyCount: Int
    ) {
      self.song = song
      var warnings: [String] = []
      func embed(_ copy: VenueCopy? = nil) throws -> SongEmbeddings {
        if let known = cache?.load(audio: song.audioPath, copy: copy) { return known }
        let computed = try SongEmbeddings(of: song.audioPath, embedder: embedder, hop: hop, copy: copy) {
          if copy == nil { warnings.append($0) }
        }
        cache?.store(computed, audio: song.audioPath, copy: copy)
        return computed
      }
      do {
        embeddings = try embed()
        copies = try (0..<copyCount).map { try embed(VenueCopy(number: $0, of: song.identifier)) }
      } catch {
        notes.append(DataSetNote(song: song.identifier, message: "is left out: \(error)"))
        return
      }
      notes += warnings.map { DataSetNote(song: song.identifier, message: $0) }
      let (checked, dropped) = song.checked(audioSeconds: embeddings?.duration ?? 0)
      self.song = checked
      notes += dropped
    }
  }
}
