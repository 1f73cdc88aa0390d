internal import EmotionModel

/// Songs with what a network takes in at each of their ticks.
public struct TrainingSet: Sendable {
  public let songs: [TrainingSong]
  /// For each song `[ticks × width]`.
  public let inputs: [[Float]]
  /// Numbers that the network takes in at a tick.
  public let width: Int
  /// How many of them, at the end, are no embedding, but what is heard of the tonality.
  public let tonalityCount: Int

  /// - Precondition: each song has an input of `width` for each of its ticks.
  public init(songs: [TrainingSong], inputs: [[Float]], width: Int, tonalityCount: Int = 0) {
    precondition(songs.count == inputs.count)
    precondition(zip(songs, inputs).allSatisfy { $0.times.count * width == $1.count })
    self.songs = songs
    self.inputs = inputs
    self.width = width
    self.tonalityCount = tonalityCount
  }

  /// The input at a tick of a song.
  func input(song: Int, tick: Int) -> ArraySlice<Float> {
    inputs[song][tick * width..<(tick + 1) * width]
  }

  /// Mean and standard deviation of each input over some ticks; a deviation of 1 where an input never changes.
  func normalization(over ticks: [TickIndex]) -> InputNormalization {
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    for tick in ticks {
      for (index, value) in input(song: tick.song, tick: tick.tick).enumerated() {
        sums[index] += Double(value)
        squares[index] += Double(value) * Double(value)
      }
    }
    let count = Double(max(1, ticks.count))
    let means = sums.map { $0 / count }
    let scales = zip(squares, means).map { square, mean in
      let variance = square / count - mean * mean
      return variance > 1e-10 ? Float(variance.squareRoot()) : 1
    }
    return InputNormalization(mean: means.map { Float($0) }, scale: scales)
  }
}

/// A tick of a song of a set.
struct TickIndex: Sendable, Equatable {
  let song: Int
  let tick: Int
}
