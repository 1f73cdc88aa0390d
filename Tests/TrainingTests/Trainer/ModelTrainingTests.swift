import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing
import Training

@Suite struct ModelTrainingTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func settings(_ kind: EmotionModelKind, epochs: Int = 30) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: kind)
    settings.epochs = epochs
    settings.learningRate = 3e-3
    settings.batchSize = kind.isSequential ? 8 : 32
    settings.convolution.channels = [16]
    for index in settings.trees.indices {
      settings.trees[index].count = kind == .forest ? 30 : 100
      settings.trees[index].columnShare = 1
    }
    return settings
  }

  @Test(arguments: EmotionModelKind.allCases.filter(\.tellsAffect))
  func everyKindLearnsWhatCanBeLearned(_ kind: EmotionModelKind) async throws {
    let material = LearnableSongs.make(60)
    let outcome = try await ModelTraining(kind: kind, settings: settings(kind), seed: 1).run(on: material, workers: 1)
    let scores = Scores(outcome.heldOut)
    // Trees know steps alone, and convolutions share their weights over all values: sixty songs are few for them.
    let least = kind == .forest || kind == .boosting || kind == .cnn ? 0.75 : 0.9
    let (valence, arousal) = (try #require(scores.valence.correlation), try #require(scores.arousal.correlation))
    #expect(valence > least && arousal > least, "\(valence), \(arousal)")
    #expect(scores.songCount == 6)
  }

  /// What the trained network said in batches is what the written model says, tick by tick.
  @Test(arguments: EmotionModelKind.allCases.filter(\.tellsAffect))
  func theModelFileSaysWhatTheTrainedNetworkSaid(_ kind: EmotionModelKind) async throws {
    let material = LearnableSongs.make(12, ticks: 40)
    let outcome = try await ModelTraining(kind: kind, settings: settings(kind, epochs: 2), seed: 1)
      .run(on: material, workers: 1)
    for song in 0..<3 {
      let predictions = try outcome.writtenPredictions(
        of: song, in: material, path: directory.file("model.safetensors"))
      try #require(predictions.count == 40)
      for (predicted, trained) in zip(predictions, outcome.networks[0].predictions[song]) {
        #expect(abs(predicted.affect.valence - trained.affect.valence) < 1e-5)
        #expect(abs(predicted.affect.arousal - trained.affect.arousal) < 1e-5)
        let deviations = try #require(
          predicted.valenceDeviation.flatMap { own in trained.valenceDeviation.map { (own, $0) } })
        #expect(abs(deviations.0 - deviations.1) < 1e-4)
        let confidence = try #require(predicted.confidence)
        let expected = outcome.calibration.confidence(
          valenceDeviation: try #require(trained.valenceDeviation),
          arousalDeviation: try #require(trained.arousalDeviation))
        #expect(abs(confidence - expected) < 1e-3)
      }
    }
  }

  @Test func theSameSeedGivesTheSameModel() async throws {
    let material = LearnableSongs.make(20)
    func tensors(_ seed: UInt64) async throws -> [Tensor] {
      let training = ModelTraining(kind: .mlp, settings: settings(.mlp, epochs: 3), seed: seed)
      return try await training.run(on: material, workers: 2).networks[0].tensors.map(\.tensor)
    }
    let first = try await tensors(5)
    #expect(try await tensors(5) == first)
    #expect(try await tensors(6) != first)
  }

  @Test func eachMemberIsScoredOnTheSongsThatItLeftOut() async throws {
    let material = LearnableSongs.make(30)
    let training = ModelTraining(kind: .ridge, settings: settings(.mlp), memberCount: 3, seed: 1)
    let outcome = try await training.run(on: material, workers: 2)
    #expect(outcome.networks.count == 3)
    // Every song once.
    #expect(outcome.heldOut.map(\.identifier).sorted() == material.set.songs.map(\.identifier).sorted())
    #expect(outcome.networks[0].tensors.map(\.tensor) != outcome.networks[1].tensors.map(\.tensor))
  }

  /// Networks that heard copies stand beside those that did not: the file mixes them, and so does the score.
  @Test func whoHasHeardVenuesIsMixedAsTheFileSays() async throws {
    let songs = LearnableSongs.make(20)
    let copies = try songs.set.songs.indices.map { index in
      try #require(songs.set.songs[index].copy(of: index, times: songs.set.songs[index].times))
    }
    let material = TrainingMaterial(
      set: TrainingSet(
        songs: songs.set.songs + copies, inputs: songs.set.inputs + songs.set.inputs.map { $0.map { 2 - $0 } },
        width: LearnableSongs.width), splitCount: 20, notes: [])
    let training = ModelTraining(
      kind: .mlp, settings: settings(.mlp, epochs: 3), memberCount: 3, companion: settings(.mlp, epochs: 3), seed: 1)
    let outcome = try await training.run(on: material, workers: 1)
    try #require(outcome.networks.count == 6)
    let path = directory.file("model.safetensors")
    try TrainedModelFile.write(outcome, card: .example, to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata["venue_members"] == "3" && file.metadata["venue_gate"] == "0.3 0.08 0.2 0.13")

    /// What two of the networks, or six, come to at the first tick of a song, by the formula of docs/model-file.md.
    func first(_ song: Int, _ networks: Range<Int>) -> Affect {
      func mean(_ numbers: [Int]) -> SIMD2<Float> {
        let values = numbers.map { outcome.networks[$0].predictions[song][0].affect }
        return values.reduce(SIMD2<Float>.zero) { $0 + SIMD2($1.valence, $1.arousal) } / Float(values.count)
      }
      let (recorded, venue) = (mean(Array(networks)), mean(networks.map { 3 + $0 }))
      let difference = venue - recorded
      let distance = (20 * 0.13 + 0.5 * (difference * difference).sum().squareRoot()) / 20.5
      let position = min(max((distance - 0.08) / 0.12, 0), 1)
      let value = recorded + (0.3 + 0.7 * position * position * (3 - 2 * position)) * difference
      return Affect(valence: value.x, arousal: value.y)
    }
    func isEqual(_ one: Affect, _ other: Affect) -> Bool {
      abs(one.valence - other.valence) < 1e-4 && abs(one.arousal - other.arousal) < 1e-4
    }
    let model = try EmotionModelFile.loadForSequences(file, embedding: "test", dimension: LearnableSongs.width)
    for song in 0..<20 {
      let embedding = Array(material.set.inputs[song].prefix(LearnableSongs.width))
      #expect(isEqual(model.estimate(sequence: [embedding])[0].affect, first(song, 0..<3)))
      let scored = try #require(outcome.heldOut.first { $0.identifier == "\(song)" }?.predictions.first)
      #expect((0..<3).contains { isEqual(scored, first(song, $0..<$0 + 1)) })
    }
  }

  @Test func aTrainingThatIsStoppedKeepsTheBestNetworkSoFar() async throws {
    let material = LearnableSongs.make(40)
    let epochs = EpochLog()
    let training = ModelTraining(kind: .mlp, settings: settings(.mlp, epochs: 50), seed: 1)
    let outcome = try await training.run(
      on: material, workers: 1, progress: { epochs.add($1.epoch) }, shouldStop: { epochs.count >= 3 })
    #expect(epochs.count == 3)
    let curve = outcome.networks[0].curve
    #expect(curve.entries.count == 3)
    let best = try #require(curve.bestEpoch)
    let losses = curve.entries.compactMap(\.validationLoss)
    #expect(losses.count == 3 && losses[best - 1] == losses.min())
  }

  @Test func tooFewSongsAreRefused() async throws {
    let material = LearnableSongs.make(4)
    await #expect(throws: Failure.self) {
      _ = try await ModelTraining(kind: .ridge, settings: settings(.mlp), seed: 1).run(on: material, workers: 1)
    }
  }

  /// With mixup, labels of two songs count only where both have one.
  @Test func songsThatAreLabelledAtDifferentMomentsCanBeLearned() async throws {
    let plain = LearnableSongs.make(12, ticks: 24)
    let songs = plain.set.songs.enumerated().map { index, song in
      TrainingSong(
        identifier: song.identifier, artist: song.artist, times: song.times,
        labels: song.labels.indices.map { $0 == 2 * index ? song.labels[$0] : nil }, weight: 1, isStatic: false)
    }
    let material = TrainingMaterial(
      set: TrainingSet(songs: songs, inputs: plain.set.inputs, width: plain.set.width), splitCount: songs.count,
      notes: [])
    let outcome = try await ModelTraining(kind: .gru, settings: settings(.gru, epochs: 20), seed: 1)
      .run(on: material, workers: 1)
    #expect(outcome.networks[0].tensors.allSatisfy { $0.tensor.values.allSatisfy(\.isFinite) })
    let losses = outcome.networks[0].curve.entries.map(\.trainingLoss)
    #expect(losses.allSatisfy { $0.isFinite })
  }

  @Test func aTrainingThatComesToNoNumbersIsAnError() async throws {
    var settings = self.settings(.mlp)
    settings.learningRate = 1e30
    settings.gradientNorm = 1e30
    let training = ModelTraining(kind: .mlp, settings: settings, seed: 1)
    let error = await #expect(throws: Failure.self) {
      _ = try await training.run(on: LearnableSongs.make(40), workers: 1)
    }
    #expect(error?.description.contains("is not a finite number (learning rate 1e+30)") == true)
  }

  // MARK: - Songs with one label each

  /// Thirty songs by fifteen artists, and one more with a single label.
  private func material(staticArtist: String?) -> TrainingMaterial {
    let plain = LearnableSongs.make(30)
    let label = Affect(valence: 0.9, arousal: -0.9)
    let song = TrainingSong(
      identifier: "static", artist: staticArtist, times: plain.set.songs[0].times,
      labels: plain.set.songs[0].times.map { _ in label }, weight: 1, isStatic: true)
    return TrainingMaterial(
      set: TrainingSet(
        songs: plain.set.songs + [song], inputs: plain.set.inputs + [plain.set.inputs[0].map { 6 - $0 }],
        width: plain.set.width), splitCount: 30, notes: [])
  }

  private func tensors(_ material: TrainingMaterial, _ training: ModelTraining) async throws -> [[Tensor]] {
    try await training.run(on: material, workers: 1).networks.map { $0.tensors.map(\.tensor) }
  }

  private let folds = ModelTraining(kind: .ridge, settings: .standard(for: .mlp), memberCount: 3, seed: 1)

  @Test func anArtistWhoIsLeftOutIsLeftOutWithTheirSongsOfOneLabelToo() async throws {
    let plain = try await tensors(LearnableSongs.make(30), folds)
    let known = try await tensors(material(staticArtist: " Artist  0"), folds)
    // One network trains on this artist; of the others, one is tested and one chosen on their songs.
    #expect(zip(plain, known).count { $0 == $1 } == 2)
    let other = try await tensors(material(staticArtist: "somebody else"), folds)
    #expect(zip(plain, other).allSatisfy { $0 != $1 })
  }

  @Test func anUnknownArtistCanBeLeftOut() async throws {
    let unknown = material(staticArtist: nil)
    #expect(unknown.unknownArtistCount == 1)
    let plain = try await tensors(LearnableSongs.make(30), folds)
    #expect(try await zip(plain, tensors(unknown, folds)).allSatisfy { $0 != $1 })
    let cautious = try #require(folds.withoutUnknownArtists(of: unknown))
    #expect(try await tensors(unknown, cautious) == plain)
    #expect(cautious.withoutUnknownArtists(of: unknown) == nil)
    #expect(folds.withoutUnknownArtists(of: material(staticArtist: "somebody")) == nil)
  }

  // MARK: - Songs with a quadrant each

  /// Songs whose labels say nothing of the sign of their inputs, and quadrants that do.
  @Test func quadrantsAreLearnedFromAndNeverScored() async throws {
    let plain = LearnableSongs.make(30)
    let quadrants = (0..<60).map { index in
      TrainingSong(
        identifier: "quadrant \(index)", artist: "another \(index)", times: [3.5],
        labels: [index % 2 == 0 ? Quadrant.one.signs : Quadrant.three.signs], weight: 1, isStatic: true,
        isQuadrant: true)
    }
    let material = TrainingMaterial(
      set: TrainingSet(
        songs: plain.set.songs.map { song in
          TrainingSong(
            identifier: song.identifier, artist: song.artist, times: song.times,
            labels: song.labels.map { _ in .neutral },
            weight: 0.01, isStatic: false)
        } + quadrants,
        inputs: plain.set.inputs
          + (0..<60).map { index in (0..<LearnableSongs.width).map { _ in index % 2 == 0 ? 7 : 3 } },
        width: plain.set.width), splitCount: 30, notes: [])
    let outcome = try await ModelTraining(kind: .mlp, settings: settings(.mlp, epochs: 60), seed: 1)
      .run(on: material, workers: 1)
    #expect(outcome.heldOut.allSatisfy { !$0.identifier.hasPrefix("quadrant") })
    let predictions = outcome.networks[0].predictions
    for index in 0..<60 {
      let (valence, arousal) = (predictions[30 + index][0].affect.valence, predictions[30 + index][0].affect.arousal)
      #expect((valence > 0.05) == (index % 2 == 0) && (arousal > 0.05) == (index % 2 == 0))
    }
    #expect(outcome.meanLabel == .neutral)
  }

  @Test func ridgeRegressionTakesNoQuadrants() async throws {
    let plain = LearnableSongs.make(30)
    let song = TrainingSong(
      identifier: "quadrant", artist: "another", times: plain.set.songs[0].times,
      labels: plain.set.songs[0].times.map { _ in Quadrant.one.signs }, weight: 1, isStatic: true, isQuadrant: true)
    let material = TrainingMaterial(
      set: TrainingSet(
        songs: plain.set.songs + [song], inputs: plain.set.inputs + [plain.set.inputs[0].map { 6 - $0 }],
        width: plain.set.width), splitCount: 30, notes: [])
    #expect(try await tensors(material, folds) == tensors(plain, folds))
  }

  /// By frame, a song's other frames are in the training: what is learned by heart counts as known.
  @Test func theFrameProtocolLeaks() async throws {
    // Labels that nothing in the embeddings tells, but which stay the same through a song.
    let plain = LearnableSongs.make(60, seed: 8)
    var generator = SeededGenerator(seed: 4)
    let songs = plain.set.songs.map { song in
      let label = Affect(valence: Float(2 * generator.uniform() - 1), arousal: Float(2 * generator.uniform() - 1))
      return TrainingSong(
        identifier: song.identifier, artist: song.artist, times: song.times,
        labels: Array(repeating: label, count: song.times.count), weight: 1, isStatic: false)
    }
    let material = TrainingMaterial(
      set: TrainingSet(songs: songs, inputs: plain.set.inputs, width: plain.set.width), splitCount: songs.count,
      notes: [])
    func correlation(_ splitProtocol: SplitProtocol) async throws -> Double {
      var settings = self.settings(.mlp, epochs: 150)
      settings.dropout = 0
      settings.patience = nil
      let training = ModelTraining(kind: .mlp, settings: settings, splitProtocol: splitProtocol, seed: 1)
      return try #require(Scores(try await training.run(on: material, workers: 1).heldOut).valence.correlation)
    }
    #expect(try await correlation(.frame) > 0.6)
    #expect(try await abs(correlation(.artist)) < 0.6)
  }
}

extension TrainedModelFile.Card {
  static var example: Self {
    Self(name: "example", embedding: "test", trainedOn: "songs", scores: "none", text: "A card.", madeWith: "test")
  }
}
