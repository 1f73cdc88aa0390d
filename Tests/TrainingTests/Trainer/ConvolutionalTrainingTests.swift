import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing
import Training

/// Convolutional networks over small images of 13 frames and 9 bands.
@Suite struct ConvolutionalTrainingTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private static let shape = [13, 9]

  /// Songs whose valence is how bright the upper bands are, and whose arousal how much brighter the later frames are.
  private func material(_ count: Int, ticks: Int = 4) -> TrainingMaterial {
    var generator = SeededGenerator(seed: 5)
    func number() -> Float { Float(2 * generator.uniform() - 1) }
    let (frames, bands) = (Self.shape[0], Self.shape[1])
    var songs: [TrainingSong] = []
    var inputs: [[Float]] = []
    for index in 0..<count {
      let (brightness, rise) = (number(), number())
      var input: [Float] = []
      for _ in 0..<ticks {
        for frame in 0..<frames {
          for band in 0..<bands {
            let upper: Float = band >= bands / 2 ? brightness : 0
            let late: Float = frame >= frames / 2 ? rise : 0
            input.append(-30 + 10 * (upper + late) + 2 * number())
          }
        }
      }
      inputs.append(input)
      let label = Affect(valence: 0.6 * brightness, arousal: 0.6 * rise)
      songs.append(
        TrainingSong(
          identifier: "\(index)", artist: "artist \(index)", times: (0..<ticks).map { 3.5 + Double($0) / 2 },
          labels: Array(repeating: label, count: ticks), weight: 1, isStatic: false))
    }
    return TrainingMaterial(
      set: TrainingSet(songs: songs, inputs: inputs, width: frames * bands, shape: Self.shape), splitCount: count,
      notes: [])
  }

  private func settings(_ head: ConvolutionHead, gateRatio: Int?, epochs: Int) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: .cnn)
    settings.convolution = ConvolutionSettings(channels: [4, 6], gateRatio: gateRatio, head: head)
    settings.convolution.headWidth = 5
    settings.convolution.hiddenSize = 16
    (settings.epochs, settings.learningRate, settings.batchSize) = (epochs, 5e-3, 16)
    return settings
  }

  /// What the trained network said in batches, with batch normalisation apart, is what the written model says, tick by
  /// tick, with it in the convolutions.
  @Test(arguments: ConvolutionHead.allCases, [nil, 2])
  func theModelFileSaysWhatTheTrainedNetworkSaid(_ head: ConvolutionHead, _ gateRatio: Int?) async throws {
    let material = material(12)
    let outcome = try await ModelTraining(
      kind: .cnn, settings: settings(head, gateRatio: gateRatio, epochs: 2), seed: 1
    ).run(on: material, workers: 1)
    let path = directory.file("model.safetensors")
    for song in 0..<3 {
      let predictions = try outcome.writtenPredictions(of: song, in: material, path: path)
      try #require(predictions.count == 4)
      for (predicted, trained) in zip(predictions, outcome.networks[0].predictions[song]) {
        #expect(abs(predicted.affect.valence - trained.affect.valence) < 1e-5)
        #expect(abs(predicted.affect.arousal - trained.affect.arousal) < 1e-5)
      }
    }
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata["input_shape"] == "13 9" && file.metadata["head"] == head.rawValue)
    #expect(file.hasTensors(beginningWith: "se.") == (gateRatio != nil))
    #expect(file.shape(of: "conv.1.weight") == [6, 4, 3, 3])
  }

  @Test(arguments: ConvolutionHead.allCases)
  func everyHeadLearnsWhatCanBeLearned(_ head: ConvolutionHead) async throws {
    let outcome = try await ModelTraining(
      kind: .cnn, settings: settings(head, gateRatio: head == .flatten ? nil : 2, epochs: 30), memberCount: 3, seed: 1
    ).run(on: material(45), workers: 2)
    let scores = Scores(outcome.heldOut)
    let (valence, arousal) = (try #require(scores.valence.correlation), try #require(scores.arousal.correlation))
    #expect(valence > 0.8 && arousal > 0.8, "\(head): \(valence), \(arousal)")
  }

  /// Mean and deviation of all values together, of the songs that were trained on.
  @Test func allValuesShareOneNormalization() async throws {
    let outcome = try await ModelTraining(
      kind: .cnn, settings: settings(.flatten, gateRatio: nil, epochs: 1), seed: 1
    ).run(on: material(12), workers: 1)
    let tensors = outcome.networks[0].tensors
    for (name, expected) in [("normalisation.mean", Float(-30)), ("normalisation.scale", 6)] {
      let tensor = try #require(tensors.first { $0.name == name }?.tensor)
      #expect(tensor.shape == [117] && Set(tensor.values).count == 1)
      #expect(abs(tensor.values[0] - expected) < 4, "\(name): \(tensor.values[0])")
    }
  }

  /// The network that did best comes back whole: with the averages of its batch normalisation, too.
  @Test func theBestNetworkComesBackWithItsAverages() async throws {
    let material = material(12)
    var settings = settings(.flatten, gateRatio: nil, epochs: 30)
    (settings.learningRate, settings.patience) = (0.05, 3)
    let training = ModelTraining(kind: .cnn, settings: settings, seed: 2)
    let network = try await training.run(on: material, workers: 1).networks[0]
    let best = try #require(network.curve.bestEpoch)
    let last = try #require(network.curve.entries.last?.epoch)
    try #require(best < last, "the training must have gone on")
    let songs = material.splitSongs
    let split = Split.make(.artist, artists: songs.map(\.artist), frameCounts: songs.map(\.times.count), seed: 2)
    var (sum, count) = (0.0, 0.0)
    for (index, song) in songs.enumerated() where split.role(song: index, frame: 0) == .validation {
      for (prediction, label) in zip(network.predictions[index], song.labels) {
        let label = try #require(label)
        let errors = [prediction.affect.valence - label.valence, prediction.affect.arousal - label.arousal]
        sum += errors.reduce(0) { $0 + Double($1 * $1) }
        count += 2
      }
    }
    let expected = try #require(network.curve.entries[best - 1].validationLoss)
    #expect(count > 0 && abs(sum / count - expected) < 1e-4 * max(1, expected))
  }

  @Test func whatHasNoImagesOrTooSmallOnesIsRefused() async throws {
    let plain = LearnableSongs.make(12).set
    let flat = TrainingMaterial(
      set: TrainingSet(songs: plain.songs, inputs: plain.inputs, width: plain.width), splitCount: 12, notes: [])
    let deep = settings(.flatten, gateRatio: nil, epochs: 1)
    for (material, selection, text) in [
      (flat, nil, "reads frames of bands, which this input does not have"),
      (LearnableSongs.make(12), nil, "2 blocks leave nothing of 2 frames of 3 bands"),
      (LearnableSongs.make(12), InputSelection("pearson:2"), "reads whole images: leave out --select"),
    ] as [(TrainingMaterial, InputSelection?, String)] {
      let error = await #expect(throws: Failure.self) {
        try await ModelTraining(kind: .cnn, selection: selection, settings: deep, seed: 1).run(on: material, workers: 1)
      }
      #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }
  }
}
