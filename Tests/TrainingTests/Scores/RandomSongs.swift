import Affect
import Platform
import Training

/// Songs of random labels and predictions that are alike.
enum RandomSongs {
  /// - Parameter frames: from how many to how many frames a song has.
  static func make(
    count: Int, frames: ClosedRange<Int>, using generator: inout SeededGenerator
  ) -> [ScoredSong] {
    (0..<count).map { index in
      let length = frames.lowerBound + Int(generator.uniform() * Double(frames.count))
      let label = point(near: .neutral, within: 0.6, using: &generator)
      let prediction = point(near: label, within: 0.4, using: &generator)
      var labels: [Affect] = []
      var predictions: [Affect] = []
      for _ in 0..<length {
        labels.append(point(near: label, within: 0.1, using: &generator))
        predictions.append(point(near: prediction, within: 0.1, using: &generator))
      }
      return ScoredSong(identifier: "\(index)", labels: labels, predictions: predictions)
    }
  }

  private static func point(
    near center: Affect, within distance: Double, using generator: inout SeededGenerator
  ) -> Affect {
    let valence = (generator.uniform() * 2 - 1) * distance
    let arousal = (generator.uniform() * 2 - 1) * distance
    return Affect(valence: center.valence + Float(valence), arousal: center.arousal + Float(arousal))
  }
}
