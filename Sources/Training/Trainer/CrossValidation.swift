internal import Affect
internal import EmotionModel
internal import Platform

/// The judging of a system on folds: each song is scored by a model that was trained on the other folds. With repeats the
/// songs are dealt anew each time.
public struct CrossValidation: Sendable {
  public let system: System
  public let splitProtocol: SplitProtocol
  /// Parts into which the songs are divided, 2 or more.
  public let folds: Int
  /// How often they are divided, 1 or more.
  public let repeats: Int
  public let seed: UInt64

  /// - Precondition: not by frame.
  public init(system: System, splitProtocol: SplitProtocol, folds: Int, repeats: Int, seed: UInt64) {
    precondition(splitProtocol != .frame && folds >= 2 && repeats >= 1)
    self.system = system
    self.splitProtocol = splitProtocol
    self.folds = folds
    self.repeats = repeats
    self.seed = seed
  }

  /// Songs as one model says that did not know them.
  public struct Fold: Sendable {
    /// Which division of the songs, and which part of it, from 0.
    public let division: Int
    public let number: Int
    /// Of a system for valence and arousal.
    public let songs: [ScoredSong]
    /// Of a system for quadrants.
    public let quadrants: [ScoredQuadrant]
  }

  /// - Parameters:
  ///   - workers: models that are trained at once.
  ///   - progress: called from any thread after each fold.
  ///   - shouldStop: asked before each fold.
  /// - Returns: the folds that are done, in order; all of them, if nothing was stopped.
  /// - Throws: ``Failure`` if there are too few songs, or if a training fails.
  public func run(
    on material: TrainingMaterial, workers: Int, progress: @escaping @Sendable () -> Void = {},
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) async throws -> [Fold] {
    let set = material.set
    let songs = material.splitSongs
    let needsValidation = system.settings.needsValidation(system.kind)
    var jobs: [(division: Int, number: Int, split: Split)] = []
    for division in 0..<repeats {
      let splits = Split.stratifiedFolds(
        splitProtocol, count: folds, artists: songs.map(\.artist),
        strata: songs.map { Quadrant(of: $0.meanLabel).rawValue }, seed: seed + UInt64(division),
        validationShare: needsValidation ? 0.1 : 0)
      guard splits.count == folds else {
        throw Failure(
          .invalidData,
          "the \(songs.count) songs cannot be divided into \(folds) folds by \(splitProtocol.rawValue): take fewer folds"
        )
      }
      jobs += splits.enumerated().map { (division, $0, $1) }
    }
    let (system, splitProtocol) = (system, splitProtocol)
    let seed = seed
    let done = try await ParallelWork.map(
      count: jobs.count, workers: workers, prepare: {},
      body: { [jobs] _, index -> Fold? in
        guard !shouldStop() else { return nil }
        defer { progress() }
        let job = jobs[index]
        // Whoever an artist is that is not known, it may be one of those that are scored.
        var roles = TickRoles(
          job.split, of: set, splitCount: material.splitCount, leavesOutUnknownArtists: splitProtocol == .artist)
        if !system.kind.isNetwork, system.target == .affect { roles = roles.withoutQuadrants(of: set) }
        guard !roles.labelledTicks(of: set, in: .training).isEmpty else {
          throw Failure.tooFewSongs(songs.count, needed: max(3, folds))
        }
        let network = try NetworkTraining(
          kind: system.kind, settings: system.settings, target: system.target, selection: system.selection, set: set,
          roles: roles, retraining: nil, seed: seed &+ UInt64(index)
        ).run(shouldStop: shouldStop)
        return Fold(job.division, job.number, network, set, roles, system.target)
      })
    return done.compactMap(\.self)
  }
}

extension CrossValidation.Fold {
  fileprivate init(
    _ division: Int, _ number: Int, _ network: TrainedNetwork, _ set: TrainingSet, _ roles: TickRoles,
    _ target: Target
  ) {
    self.division = division
    self.number = number
    var songs: [ScoredSong] = []
    var quadrants: [ScoredQuadrant] = []
    for (index, song) in set.songs.enumerated() where song.original == nil {
      let predictions = network.predictions[index]
      if target == .quadrant {
        if let scored = ScoredQuadrant(song, predictions: predictions, where: { roles[index, $0] == .test }) {
          quadrants.append(scored)
        }
        continue
      }
      let ticks = song.labels.indices.filter { song.labels[$0] != nil && roles[index, $0] == .test }
      guard !ticks.isEmpty else { continue }
      songs.append(
        ScoredSong(
          identifier: song.identifier, labels: ticks.compactMap { song.labels[$0] },
          predictions: ticks.map { predictions[$0].affect }))
    }
    self.songs = songs
    self.quadrants = quadrants
  }
}
