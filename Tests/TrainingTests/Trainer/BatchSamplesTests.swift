import Affect
import Platform
import Testing
import Training

@Suite struct BatchSamplesTests {
  /// Song s has the input 10 s + tick and the label (s / 10, tick / 10).
  private var set: TrainingSet {
    let songs = (0..<4).map { song in
      TrainingSong(
        identifier: "\(song)", artist: nil, times: [0, 1, 2],
        labels: (0..<3).map { $0 == 1 ? nil : Affect(valence: Float(song) / 10, arousal: Float($0) / 10) },
        weight: song == 3 ? 0.5 : 1, isStatic: false)
    }
    return TrainingSet(
      songs: songs, inputs: (0..<4).map { [10 * Float($0), 10 * Float($0) + 1, 10 * Float($0) + 2] }, width: 1)
  }

  private let units = [TrainingUnit(song: 1, ticks: 0..<3), TrainingUnit(song: 3, ticks: 0..<3)]

  @Test func inputsTargetsAndWeightsBelongTogether() {
    var generator = SeededGenerator(seed: 1)
    let samples = BatchSamples(units, of: set, mixup: nil, generator: &generator) { song, tick in
      !(song == 1 && tick == 2)
    }
    #expect(samples.input.shape == [2, 3, 1])
    #expect(samples.input.value.values == [10, 11, 12, 30, 31, 32])
    // Nothing counts without a label, nor where the tick is not to be learned.
    #expect(samples.weights == [1, 0, 0, 0.5, 0, 0.5])
    #expect(samples.targets == [0.1, 0, 0, 0, 0, 0, 0.3, 0, 0, 0, 0.3, 0.2])
  }

  @Test func mixedInputsAndTargetsHaveTheSameShares() {
    var generator = SeededGenerator(seed: 5)
    let units = (0..<4).map { TrainingUnit(song: $0, ticks: 0..<1) }
    var mixed = 0
    for _ in 0..<20 {
      let samples = BatchSamples(units, of: set, mixup: 0.4, generator: &generator) { _, _ in true }
      for row in 0..<4 {
        // The input is 10 × song and the valence song / 10.
        #expect(abs(samples.input.value.values[row] / 100 - samples.targets[2 * row]) < 1e-6)
        #expect((0.5...1).contains(samples.weights[row]))
        if abs(samples.input.value.values[row] - 10 * Float(row)) > 0.01 { mixed += 1 }
      }
    }
    #expect(mixed > 20)
  }

  @Test func signsAreNeverMixed() {
    let songs = (0..<6).map { song in
      TrainingSong(
        identifier: "\(song)", artist: nil, times: [0], labels: [Affect(valence: 1, arousal: song == 1 ? -1 : 1)],
        weight: song < 2 ? 0.2 : 1, isStatic: song < 2, isQuadrant: song < 2)
    }
    let set = TrainingSet(songs: songs, inputs: (0..<6).map { [Float($0)] }, width: 1)
    let units = (0..<6).map { TrainingUnit(song: $0, ticks: 0..<1) }
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<20 {
      let samples = BatchSamples(units, of: set, mixup: 0.4, generator: &generator) { _, _ in true }
      #expect(samples.signWeights == [0.2, 0.2, 0, 0, 0, 0])
      #expect(samples.weights.prefix(2) == [0, 0] && samples.weights.dropFirst(2).allSatisfy { $0 > 0.99 })
      #expect(abs(samples.input.value.values[0]) < 1e-6 && abs(samples.input.value.values[1] - 1) < 1e-6)
      #expect(samples.input.value.values.dropFirst(2).allSatisfy { $0 > 1.99 })
      #expect(abs(samples.targets[3] + 1) < 1e-6)
    }
  }

  @Test func theBetaDistributionHasItsMeanAndVariance() {
    var generator = SeededGenerator(seed: 9)
    let draws = (0..<20_000).map { _ in generator.beta(0.4) }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(draws.allSatisfy { (0...1).contains($0) })
    #expect(abs(mean - 0.5) < 0.01)
    // a b / ((a + b)² (a + b + 1)) = 1 / (4 × 1.8)
    #expect(abs(variance - 1 / 7.2) < 0.005)
  }
}
