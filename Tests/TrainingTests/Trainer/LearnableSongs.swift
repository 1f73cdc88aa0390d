import Affect
import EmotionModel
import NeuralNetwork
import Platform
import Training

/// Songs whose labels follow from their embeddings, so that any model can learn them.
enum LearnableSongs {
  static let width = 6
  /// As an image.
  static let shape = [2, 3]

  /// - Parameters:
  ///   - ticks: of each song.
  ///   - noise: of the labels.
  static func make(_ count: Int, ticks: Int = 8, noise: Float = 0.02, seed: UInt64 = 3) -> TrainingMaterial {
    var generator = SeededGenerator(seed: seed)
    func number() -> Float { Float(2 * generator.uniform() - 1) }
    var songs: [TrainingSong] = []
    var inputs: [[Float]] = []
    for index in 0..<count {
      let base = (0..<width).map { _ in number() }
      var input: [Float] = []
      var labels: [Affect?] = []
      for _ in 0..<ticks {
        let embedding = base.map { 3 * ($0 + 0.1 * number()) + 5 }
        input += embedding
        labels.append(
          Affect(
            valence: 0.4 * base[0] - 0.3 * base[1] + noise * number(), arousal: 0.5 * base[2] + noise * number()))
      }
      songs.append(
        TrainingSong(
          identifier: "\(index)", artist: "artist \(index / 2)", times: (0..<ticks).map { 3.5 + Double($0) / 2 },
          labels: labels, weight: 1, isStatic: false))
      inputs.append(input)
    }
    return TrainingMaterial(
      set: TrainingSet(songs: songs, inputs: inputs, width: width, shape: shape), splitCount: count, notes: [])
  }
}

extension ModelTraining.Outcome {
  /// What the model says of the moments of a song once it has been written to `path` and read again.
  func writtenPredictions(of song: Int, in material: TrainingMaterial, path: String) throws -> [EmotionPrediction] {
    try TrainedModelFile.write(self, card: .example, to: path)
    let (input, width) = (material.set.inputs[song], material.set.width)
    let model = try EmotionModelFile.loadForSequences(SafetensorsFile(path: path), embedding: "test", dimension: width)
    return model.estimate(
      sequence: stride(from: 0, to: input.count, by: width).map { Array(input[$0..<$0 + width]) })
  }
}
