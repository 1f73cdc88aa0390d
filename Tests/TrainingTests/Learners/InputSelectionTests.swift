import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing
import Training

@Suite struct InputSelectionTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Thirty inputs, of which the first says valence and the second arousal, and the third both a little.
  private func samples(_ count: Int = 300, seed: UInt64 = 1) -> Samples {
    var generator = SeededGenerator(seed: seed)
    var samples = Samples(width: 30)
    for song in 0..<count {
      var input = (0..<30).map { _ in Float(generator.uniform() * 2 - 1) }
      let target = SIMD2(input[0], input[1]) * 0.8
      input[2] = 0.5 * (input[0] + input[1]) + 0.3 * input[2]
      samples.add(input[...], target: target + SIMD2(input[3], input[4]) * 0.05, song: song)
    }
    return samples
  }

  private let plain = InputNormalization(
    mean: (0..<30).map(Float.init), scale: Array(repeating: 1, count: 30), logarithmic: [1, 5], limit: 5)

  private func selected(_ text: String) throws -> [Int] {
    let selection = try #require(InputSelection(text))
    return try #require(selection.fit(samples(), normalization: plain, seed: 1).selection)
  }

  @Test(arguments: ["pearson:1", "shap:1", "forest:2"])
  func theInputsThatMatterAreChosen(_ text: String) throws {
    #expect(try selected(text) == [0, 1])
  }

  @Test func whatIsChosenBringsItsNormalization() throws {
    let input = try #require(InputSelection("pearson:1")).fit(samples(), normalization: plain, seed: 1)
    #expect(
      input.normalization.mean == [0, 1] && input.normalization.logarithmic == [1] && input.normalization.limit == 5)
    // The second is a power: log10(1000) - 1 = 2. The first is clipped.
    var embedding = [Float](repeating: .nan, count: 30)
    (embedding[0], embedding[1]) = (9, 1000)
    let read = input.applied(to: embedding[...])
    #expect(read[0] == 5 && abs(read[1] - 2) < 1e-6)
  }

  @Test func theLassoAndTheWrapperLeaveOutWhatIsNoise() throws {
    for text in ["lasso", "wrapper:svr"] {
      let inputs = try selected(text)
      #expect(Set(inputs).isSuperset(of: [0, 1]) && inputs.count < 25, "\(text): \(inputs)")
    }
  }

  @Test func selectionsAreJoinedAndCut() throws {
    #expect(try selected("pearson:2+forest:2") == selected("pearson:2"))
    #expect(try Set(selected("pearson:2&forest:1")).isSubset(of: Set(selected("pearson:2"))))
    let error = #expect(throws: Failure.self) {
      var empty = Samples(width: 2)
      for song in 0..<20 { empty.add([1, 1], target: SIMD2(Float(song) / 20, 0), song: song) }
      let normalization = InputNormalization(mean: [0, 0], scale: [1, 1])
      _ = try InputSelection("pearson:1")!.fit(empty, normalization: normalization, seed: 1)  // it is written rightly
    }
    #expect(error.map { "\($0)".contains("'pearson:1' leaves no input") } == true)
  }

  @Test func shareOfAForest() throws {
    // A third of the importance cannot go to more than two inputs.
    let inputs = try selected("forest:0.34")
    #expect(!inputs.isEmpty && inputs.count <= 2 && inputs.allSatisfy { $0 < 2 })
  }

  @Test func principalComponentsHaveDeviationOneAndNothingInCommon() throws {
    let samples = samples()
    let normalization = InputNormalization(
      mean: Array(repeating: 0, count: 30), scale: Array(repeating: 1, count: 30))
    let input = try #require(InputSelection("pca:5")).fit(samples, normalization: normalization, seed: 1)
    #expect(input.count == 5 && input.readCount == 30)
    let rows = (0..<samples.count).map { input.applied(to: samples.input($0)).map(Double.init) }
    for first in 0..<5 {
      let mean = rows.reduce(0) { $0 + $1[first] } / Double(rows.count)
      for second in 0..<5 {
        let other = rows.reduce(0) { $0 + $1[second] } / Double(rows.count)
        let product = rows.reduce(0) { $0 + ($1[first] - mean) * ($1[second] - other) } / Double(rows.count)
        #expect(abs(product - (first == second ? 1 : 0)) < 0.01)
      }
    }
  }

  @Test(arguments: [
    "", "pearson", "pearson:0", "pearson:x", "forest:1.5", "forest:-0.1", "pca:5+pearson:3", "wrapper:ridge", "shap:",
    "lasso:3", "pearson:3+", "&", "pearson:5000", "+",
  ])
  func whatIsWrittenInNoFormIsRefused(_ text: String) {
    #expect(InputSelection(text) == nil)
  }

  /// A model that reads a selection says from its file what it said in the training.
  @Test(arguments: ["pearson:2", "pca:3"], [EmotionModelKind.boosting, .ridge, .mlp, .gru, .svr])
  func theModelFileReadsTheSelection(_ text: String, _ kind: EmotionModelKind) async throws {
    let material = LearnableSongs.make(20)
    var settings = TrainingSettings.standard(for: kind)
    settings.epochs = 2
    settings.trees[0].count = 20
    let outcome = try await ModelTraining(
      kind: kind, selection: InputSelection(text), settings: settings, seed: 1
    ).run(on: material, workers: 1)
    let predictions = try outcome.writtenPredictions(
      of: 0, in: material, path: directory.file("model.safetensors"))
    for (predicted, trained) in zip(predictions, outcome.networks[0].predictions[0]) {
      #expect(abs(predicted.affect.valence - trained.affect.valence) < 1e-5)
      #expect(abs(predicted.affect.arousal - trained.affect.arousal) < 1e-5)
    }
  }

  /// What looks at all pairs of inputs would take gigabytes of a picture of the sound.
  @Test(arguments: ["lasso", "pca:3", "lasso+pearson:2"])
  func tooManyInputsAreRefused(_ text: String) throws {
    var wide = Samples(width: 9000)
    for song in 0..<4 {
      wide.add(
        (0..<9000).map { Float(($0 * 7 + song * 13) % 11) }[...], target: SIMD2(Float(song), Float(-song)), song: song)
    }
    let normalization = InputNormalization(
      mean: Array(repeating: 0, count: 9000), scale: Array(repeating: 1, count: 9000))
    let error = #expect(throws: Failure.self) {
      try InputSelection(text)!.fit(wide, normalization: normalization, seed: 1)  // it is written rightly
    }
    #expect(error.map { "\($0)".contains("9000 values at a moment are too many") } == true)
    // Those that look at each input by itself have no such limit.
    let input = try InputSelection("pearson:2")!.fit(wide, normalization: normalization, seed: 1)  // likewise
    #expect(input.count <= 4)
  }
}
