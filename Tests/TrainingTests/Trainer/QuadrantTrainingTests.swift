import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing
import Training

/// Models that tell quadrants apart, by what is known of songs as a whole.
@Suite struct QuadrantTrainingTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  static let kinds = EmotionModelKind.allCases.filter(\.tellsQuadrants)

  private func settings(_ kind: EmotionModelKind, epochs: Int = 20) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: kind)
    settings.epochs = epochs
    settings.learningRate = 3e-3
    settings.batchSize = kind.isSequential ? 8 : 32
    settings.convolution.channels = [8]
    settings.mixup = nil
    for index in settings.trees.indices { settings.trees[index].count = 30 }
    return settings
  }

  /// Learnable songs of which the quadrant alone is known.
  private func material(_ count: Int, ticks: Int = 10) -> TrainingMaterial {
    let songs = LearnableSongs.make(count, ticks: ticks)
    return TrainingMaterial(
      set: TrainingSet(
        songs: songs.set.songs.map { song in
          let signs = Quadrant(of: song.meanLabel).signs
          return TrainingSong(
            identifier: song.identifier, artist: song.artist, times: song.times, labels: song.times.map { _ in signs },
            weight: 1, isStatic: true, isQuadrant: true)
        }, inputs: songs.set.inputs, width: songs.set.width, shape: songs.set.shape), splitCount: songs.splitCount,
      notes: [])
  }

  /// Of the networks over time one: they have the loss in common.
  @Test(arguments: [EmotionModelKind.svm, .forest, .boosting, .mlp, .gru])
  func everyKindLearnsWhatCanBeLearned(_ kind: EmotionModelKind) async throws {
    let outcome = try await ModelTraining(
      kind: kind, target: .quadrant, settings: settings(kind), memberCount: 3, seed: 1
    ).run(on: material(60), workers: 2)
    #expect(outcome.heldOut.isEmpty && outcome.heldOutQuadrants.count == 60)
    let right = outcome.heldOutQuadrants.count { $0.label == $0.prediction }
    #expect(right > 36, "\(kind): \(right) of 60")
    // It is not sure of itself for nothing.
    let confidences = outcome.heldOutQuadrants.compactMap(\.confidence)
    let mean = Double(confidences.reduce(0, +)) / 60
    #expect(confidences.count == 60 && abs(mean - Double(right) / 60) < 0.15, "\(kind): \(mean)")
  }

  @Test(arguments: kinds)
  func theModelFileSaysWhatTheTrainedModelSaid(_ kind: EmotionModelKind) async throws {
    let material = material(15, ticks: 12)
    let outcome = try await ModelTraining(
      kind: kind, target: .quadrant, settings: settings(kind, epochs: 1), memberCount: 3, seed: 1
    ).run(on: material, workers: 1)
    let predictions = try outcome.writtenPredictions(
      of: 0, in: material, path: directory.file("model.safetensors"))
    try #require(predictions.count == 12)
    for (tick, predicted) in predictions.enumerated() {
      let own = outcome.networks.compactMap { $0.predictions[0][tick].quadrants }
      try #require(own.count == 3)
      let probabilities = try #require(predicted.quadrants)
      let all: [Quadrant] = [.one, .two, .three, .four]
      for quadrant in all {
        let mean = own.reduce(0) { $0 + $1.probability(of: quadrant) } / 3
        #expect(abs(probabilities.probability(of: quadrant) - mean) < 1e-5)
      }
      // Valence and arousal are the mean of the centroids.
      let valence = all.reduce(0.0) { $0 + probabilities.probability(of: $1) * Double($1.signs.valence) / 2 }
      let arousal = all.reduce(0.0) { $0 + probabilities.probability(of: $1) * Double($1.signs.arousal) / 2 }
      #expect(abs(Double(predicted.affect.valence) - valence) < 1e-5)
      #expect(abs(Double(predicted.affect.arousal) - arousal) < 1e-5)
      let expected = outcome.calibration.confidence(
        probability: probabilities.probability(of: probabilities.best))
      #expect(predicted.confidence == expected)
    }
  }

  /// Central differences, at random logits.
  @Test func theGradientOfTheLossIsItsSlope() {
    var generator = SeededGenerator(seed: 1)
    let logits = (0..<12).map { _ in Float(generator.uniform() * 4 - 2) }
    let targets: [Float] = [1, 1, -1, 1, 1, -1]
    let weights: [Float] = [1, 0.5, 2]
    func loss(_ values: [Float]) -> Variable<Float> {
      QuadrantLoss.loss(
        logits: Variable(DenseTensor(shape: [3, 4], values: values)), targets: targets, weights: weights)
    }
    let variable = Variable(DenseTensor<Float>(shape: [3, 4], values: logits), needsGradient: true)
    QuadrantLoss.loss(logits: variable, targets: targets, weights: weights).backward()
    let gradient = variable.gradient?.values ?? []
    for index in logits.indices {
      var (above, below) = (logits, logits)
      above[index] += 1e-2
      below[index] -= 1e-2
      let slope = (loss(above).value.scalar - loss(below).value.scalar) / 2e-2
      #expect(abs(slope - gradient[index]) < 1e-3)
    }
  }
}
