public import Affect
public import EmotionModel
internal import Platform

/// The training and the judging of a model: of one network on one split, or of several on the folds of a
/// cross-validation, whose outputs are averaged.
public struct ModelTraining: Sendable {
  public let kind: EmotionModelKind
  public let target: Target
  /// What the model reads of its input; nil for all.
  public let selection: InputSelection?
  public let settings: TrainingSettings
  /// How songs are divided.
  public let splitProtocol: SplitProtocol
  /// 1 for one network on 8 : 1 : 1 of the songs. 3 or more: as many folds, each left out by one network.
  public let memberCount: Int
  /// How a second network is trained for each split, nil for none: on MusiCNN's own embedding, beside one whose layers are
  /// retrained; or on copies of the songs too, beside one that hears the songs alone.
  public let companion: TrainingSettings?
  public let seed: UInt64
  /// Whether songs with a static label alone are left out whose artist is not known: whoever it is may be among those
  /// that are scored.
  public let leavesOutUnknownArtists: Bool

  public init(
    kind: EmotionModelKind, target: Target = .affect, selection: InputSelection? = nil, settings: TrainingSettings,
    splitProtocol: SplitProtocol = .artist, memberCount: Int = 1, companion: TrainingSettings? = nil, seed: UInt64,
    leavesOutUnknownArtists: Bool = false
  ) {
    precondition(memberCount == 1 || memberCount >= 3)
    precondition(target == .affect ? kind.tellsAffect : kind.tellsQuadrants)
    self.kind = kind
    self.target = target
    self.selection = selection
    self.settings = settings
    self.splitProtocol = splitProtocol
    self.memberCount = memberCount
    self.companion = companion
    self.seed = seed
    self.leavesOutUnknownArtists = leavesOutUnknownArtists
  }

  /// The same training without the songs whose artist is not known, for a score that no artist can have leaked into. Nil
  /// if that makes no difference.
  public func withoutUnknownArtists(of material: TrainingMaterial) -> ModelTraining? {
    guard splitProtocol == .artist, material.unknownArtistCount > 0, !leavesOutUnknownArtists else { return nil }
    return ModelTraining(
      kind: kind, target: target, selection: selection, settings: settings, splitProtocol: splitProtocol,
      memberCount: memberCount, companion: companion, seed: seed, leavesOutUnknownArtists: true)
  }

  public struct Outcome: Sendable {
    /// One for each split, then the companions.
    public let networks: [TrainedNetwork]
    /// How much each kind of network counts, where the companions have heard venues.
    package let venueGate: VenueGate?
    /// From the networks' deviations to the confidence.
    public let calibration: ConfidenceCalibration
    /// Songs, or frames, that the network which is scored on them was not trained on. The confidences do not come from
    /// a calibration on the same songs.
    public let heldOut: [ScoredSong]
    /// The same of a model that tells quadrants apart, which has no ``heldOut``.
    public let heldOutQuadrants: [ScoredQuadrant]
    /// Mean of the labels that were trained on.
    public let meanLabel: Affect
    public let notes: [String]
  }

  /// - Parameters:
  ///   - patches: what MusiCNN's layers take in, where they are trained too.
  ///   - workers: networks that are trained at once.
  ///   - progress: called from any thread after each epoch of a network.
  ///   - shouldStop: what was best by then is kept.
  /// - Throws: ``Failure`` if there are too few songs to split.
  public func run(
    on material: TrainingMaterial, patches: PatchMaterial? = nil, workers: Int,
    progress: @escaping @Sendable (_ member: Int, NetworkTraining.Progress) -> Void = { _, _ in },
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) async throws -> Outcome {
    let splits = try makeSplits(material)
    let set = patches?.set ?? material.set
    let materialRoles = splits.map { split in
      let roles = TickRoles(
        split, of: material.set, splitCount: material.splitCount,
        // A fold is scored on what it leaves out. Without a choice to be made on validation songs, they train as well.
        trainsOnValidation: memberCount > 1 && !settings.needsValidation(kind),
        leavesOutUnknownArtists: leavesOutUnknownArtists)
      // The others have no loss but the squared error.
      return kind.isNetwork || target == .quadrant ? roles : roles.withoutQuadrants(of: material.set)
    }
    let roles = materialRoles.map { roles in patches.map { roles.taking($0.ticks) } ?? roles }
    let firstRoles = companion == nil || patches != nil ? roles : roles.map { $0.withoutCopies(of: set) }
    let normalizations = materialRoles.map {
      material.set.normalization(over: $0.labelledTicks(of: material.set, in: .training))
    }
    var seeds = SeededGenerator(seed: seed)
    var trainings = splits.indices.map { index in
      NetworkTraining(
        kind: kind, settings: settings, target: target, selection: selection, set: set, roles: firstRoles[index],
        retraining: patches.map {
          NetworkTraining.Retraining(layers: $0.original, normalization: normalizations[index])
        }, seed: seeds.next())
    }
    if let companion {
      trainings += splits.indices.map { index in
        NetworkTraining(
          kind: kind, settings: companion, set: material.set, roles: materialRoles[index], retraining: nil,
          seed: seeds.next())
      }
    }
    for training in trainings where training.roles.labelledTicks(of: training.set, in: .training).isEmpty {
      throw Failure.tooFewSongs(material.splitCount, needed: Self.fewestSongs)
    }
    let networks = try await ParallelWork.map(
      count: trainings.count, workers: workers, prepare: {},
      body: { [trainings] _, index in
        try trainings[index].run(onEpoch: { progress(index, $0) }, shouldStop: shouldStop)
      })
    return target == .quadrant
      ? judgeQuadrants(networks, set: set, roles: roles)
      : judge(networks, set: set, roles: roles, ticks: patches?.ticks)
  }

  private func makeSplits(_ material: TrainingMaterial) throws(Failure) -> [Split] {
    let songs = material.splitSongs
    let (artists, frameCounts) = (songs.map(\.artist), songs.map(\.times.count))
    guard songs.count >= max(Self.fewestSongs, memberCount) else {
      throw Failure.tooFewSongs(songs.count, needed: max(Self.fewestSongs, memberCount))
    }
    guard memberCount > 1 else {
      return [Split.make(splitProtocol, artists: artists, frameCounts: frameCounts, seed: seed)]
    }
    let folds = Split.folds(splitProtocol, count: memberCount, artists: artists, frameCounts: frameCounts, seed: seed)
    guard folds.count == memberCount else {
      throw Failure(
        .invalidData,
        "the \(songs.count) songs cannot be divided into \(memberCount) folds by \(splitProtocol.rawValue): take fewer "
          + "members")
    }
    return folds
  }

  /// - Parameter ticks: which of the material's ticks are in `set`; nil if all are.
  private func judge(
    _ networks: [TrainedNetwork], set: TrainingSet, roles: [TickRoles], ticks: [[Int]]?
  ) -> Outcome {
    let venueGate = companion != nil && ticks == nil ? VenueGate(memberCount: roles.count) : nil
    /// What networks say of a song, at the ticks that are in `set`.
    func predictions(_ song: Int, of numbers: [Int]) -> [[EmotionPrediction]] {
      numbers.map { number in
        let own = networks[number].predictions[song]
        guard number >= roles.count, let ticks else { return own }
        return ticks[song].map { own[$0] }
      }
    }
    /// What the networks of `splits` say together, as it is published, without a calibration.
    func mixed(_ song: Int, splits: [Int]) -> [EmotionPrediction] {
      let own = predictions(song, of: splits)
      let others = companion == nil ? [] : predictions(song, of: splits.map { roles.count + $0 })
      if let venueGate {
        let times = set.songs[song].times
        let interval = times.count > 1 ? times[1] - times[0] : 0
        return venueGate.predictions(recorded: own, venue: others, interval: interval)
      }
      let all = own + others
      guard all.count > 1 else { return all.first ?? [] }
      return (all.first ?? []).indices.map { tick in EmotionPrediction(mixing: all.map { $0[tick] }) }
    }
    /// What the networks of split `index` say of the songs in a role: the one, or both together.
    func songs(_ index: Int, _ role: Split.Role, copies: Bool = false) -> [JudgedSong] {
      set.songs.indices.compactMap { song in
        guard (set.songs[song].original != nil) == copies else { return nil }
        return JudgedSong(set.songs[song], predictions: mixed(song, splits: [index])) { roles[index][song, $0] == role }
      }
    }
    /// What all networks together say of the test songs.
    func ensemble(copies: Bool) -> [JudgedSong] {
      set.songs.indices.filter { (set.songs[$0].original != nil) == copies }.flatMap { song in
        let predictions = mixed(song, splits: Array(roles.indices))
        return roles.compactMap { roles in
          JudgedSong(set.songs[song], predictions: predictions) { roles[song, $0] == .test }
        }
      }
    }
    let tests = roles.indices.map { songs($0, .test) }
    // The confidence is to hold for music as it was recorded and in any venue.
    let copies = roles.indices.map { songs($0, memberCount == 1 ? .validation : .test, copies: true) }
    var notes: [String] = []
    let calibration: ConfidenceCalibration
    var heldOut: [ScoredSong] = []
    if memberCount == 1 {
      let fit = ConfidenceCalibration.fit(
        songs(0, .validation).map(\.uncertain), copies: copies[0].map(\.uncertain))
      calibration = fit.calibration
      if fit.isWithoutSlope { notes.append(Self.noSlope) }
      heldOut = tests[0].map { $0.scored(calibration) }
    } else {
      let fit = ConfidenceCalibration.fit(
        tests.joined().map(\.uncertain), copies: copies.joined().map(\.uncertain))
      // Found with one network, or one of each kind, and published for all of them, which disagree more.
      calibration = fit.calibration.shifted(
        from: tests.joined().map(\.uncertain), copies.joined().map(\.uncertain),
        to: ensemble(copies: false).map(\.uncertain), ensemble(copies: true).map(\.uncertain))
      if fit.isWithoutSlope { notes.append(Self.noSlope) }
      for (index, test) in tests.enumerated() {
        let others = tests.indices.filter { $0 != index }
        let own = ConfidenceCalibration.fit(
          others.flatMap { tests[$0].map(\.uncertain) }, copies: others.flatMap { copies[$0].map(\.uncertain) }
        ).calibration
        heldOut += test.map { $0.scored(own) }
      }
    }
    let labels = set.songs.indices.filter { !set.songs[$0].isQuadrant }.flatMap { song in
      set.songs[song].labels.enumerated().compactMap { roles[0][song, $0] == .training ? $1 : nil }
    }
    return Outcome(
      networks: networks, venueGate: venueGate, calibration: calibration, heldOut: heldOut, heldOutQuadrants: [],
      meanLabel: Affect(meanOf: labels), notes: notes)
  }

  /// Each song is judged as a whole, by the mean of what is said of its moments.
  private func judgeQuadrants(_ networks: [TrainedNetwork], set: TrainingSet, roles: [TickRoles]) -> Outcome {
    func songs(_ index: Int, _ role: Split.Role) -> [ScoredQuadrant] {
      set.songs.indices.compactMap { song in
        ScoredQuadrant(set.songs[song], predictions: networks[index].predictions[song]) {
          roles[index][song, $0] == role && set.songs[song].original == nil
        }
      }
    }
    let tests = roles.indices.map { songs($0, .test) }
    let judged = memberCount == 1 ? songs(0, .validation) : tests.flatMap { $0 }
    let fit = judged.isEmpty ? nil : ConfidenceCalibration.fit(judged)
    let heldOut: [[ScoredQuadrant]] = tests.enumerated().map { index, test in
      let others = tests.indices.filter { $0 != index }.flatMap { tests[$0] }
      let own = memberCount == 1 || others.isEmpty ? fit : ConfidenceCalibration.fit(others)
      return test.map { $0.calibrated(own?.calibration ?? .identity) }
    }
    return Outcome(
      networks: networks, venueGate: nil, calibration: fit?.calibration ?? .identity, heldOut: [],
      heldOutQuadrants: heldOut.flatMap { $0 }, meanLabel: .neutral,
      notes: fit?.isWithoutSlope == true ? [Self.noSlope] : [])
  }

  private static let fewestSongs = 10

  private static let noSlope =
    "the deviations that the model expects say nothing about its errors: the confidence is the same for all music"
}

/// The labelled ticks of a song in some role, beside what a network says of them.
private struct JudgedSong {
  let identifier: String
  let uncertain: UncertainSong

  init?(_ song: TrainingSong, predictions: [EmotionPrediction], where isWanted: (_ tick: Int) -> Bool) {
    let ticks = song.labels.indices.filter { song.labels[$0] != nil && isWanted($0) }
    guard !ticks.isEmpty else { return nil }
    identifier = song.identifier
    uncertain = UncertainSong(
      labels: ticks.compactMap { song.labels[$0] }, predictions: ticks.map { predictions[$0].affect },
      valenceDeviations: ticks.map { predictions[$0].valenceDeviation ?? 1 },
      arousalDeviations: ticks.map { predictions[$0].arousalDeviation ?? 1 })
  }

  func scored(_ calibration: ConfidenceCalibration) -> ScoredSong {
    uncertain.scored(as: identifier, calibration: calibration)
  }
}

extension ScoredQuadrant {
  /// Nil if the song has no tick that is wanted, or the predictions tell no quadrants.
  init?(_ song: TrainingSong, predictions: [EmotionPrediction], where isWanted: (_ tick: Int) -> Bool) {
    let ticks = song.labels.indices.filter { song.labels[$0] != nil && isWanted($0) }
    guard let first = ticks.first, let label = song.labels[first] else { return nil }
    let all = ticks.compactMap { predictions[$0].quadrants }
    guard all.count == ticks.count else { return nil }
    self.init(
      identifier: song.identifier, label: Quadrant(of: label),
      affect: Affect(meanOf: ticks.map { predictions[$0].affect }),
      probabilities: QuadrantProbabilities(meanOf: all))
  }

  func calibrated(_ calibration: ConfidenceCalibration) -> ScoredQuadrant {
    var song = self
    song.confidence = calibration.confidence(probability: claim)
    return song
  }
}

extension ModelTraining {
  /// Mean squared error of ridge regression on the validation songs of an 8 : 1 : 1 split by artist. Quick to have, and
  /// enough to choose how labels are read by.
  public static func ridgeValidationError(on material: TrainingMaterial, seed: UInt64 = 1) throws -> Double {
    let training = ModelTraining(kind: .ridge, settings: .standard(for: .mlp), seed: seed)
    guard let split = try training.makeSplits(material).first else { return .infinity }
    let roles = TickRoles(split, of: material.set, splitCount: material.splitCount)
    let network = try NetworkTraining(
      kind: .ridge, settings: training.settings, set: material.set, roles: roles, retraining: nil, seed: seed
    ).run()
    let songs = material.set.songs.indices.compactMap { song in
      JudgedSong(material.set.songs[song], predictions: network.predictions[song]) {
        roles[song, $0] == .validation
      }
    }
    guard !songs.isEmpty else { return .infinity }
    let scores = Scores(songs.map { $0.scored(.identity) })
    let (valence, arousal) = (scores.valence.rootMeanSquareError, scores.arousal.rootMeanSquareError)
    return (valence * valence + arousal * arousal) / 2
  }
}
