internal import EmotionModel

/// Songs with what a network takes in at each of their ticks.
public struct TrainingSet: Sendable {
  public let songs: [TrainingSong]
  /// For each song `[ticks × width]`.
  public let inputs: [[Float]]
  /// Numbers that the network takes in at a tick.
  public let width: Int
  /// How they lie: frames and bands of an image, or ``width`` alone.
  public let shape: [Int]
  /// How many of them, at the end, are no embedding, but what is heard of the tonality.
  public let tonalityCount: Int
  /// What is known of the inputs.
  public let traits: InputTraits

  /// - Parameter shape: nil for values without an order.
  /// - Precondition: each song has an input of `width` for each of its ticks, and `shape` has as many values.
  public init(
    songs: [TrainingSong], inputs: [[Float]], width: Int, shape: [Int]? = nil, tonalityCount: Int = 0,
    traits: InputTraits = InputTraits()
  ) {
    precondition(songs.count == inputs.count)
    precondition(zip(songs, inputs).allSatisfy { $0.times.count * width == $1.count })
    self.songs = songs
    self.inputs = inputs
    self.width = width
    self.shape = shape ?? [width]
    precondition(self.shape.reduce(1, *) == width, "\(self.shape) is no shape of \(width) values")
    self.tonalityCount = tonalityCount
    self.traits = traits
  }

  /// The same songs as a model reads them that takes what `reading` gives.
  func read(by reading: ModelInput) -> TrainingSet {
    TrainingSet(
      songs: songs,
      inputs: inputs.enumerated().map { song, values in
        songs[song].times.indices.flatMap { reading.applied(to: values[$0 * width..<($0 + 1) * width]) }
      }, width: reading.count)
  }

  /// Mean and standard deviation of all inputs together over some ticks, the same for each; a deviation of 1 where they
  /// never change.
  func sharedNormalization(over ticks: [TickIndex]) -> InputNormalization {
    var (sum, squares) = (0.0, 0.0)
    for tick in ticks {
      for value in input(song: tick.song, tick: tick.tick) {
        sum += Double(value)
        squares += Double(value) * Double(value)
      }
    }
    let count = Double(max(1, ticks.count * width))
    let mean = sum / count
    let variance = squares / count - mean * mean
    let scale = variance > 1e-10 ? Float(variance.squareRoot()) : 1
    return InputNormalization(
      mean: Array(repeating: Float(mean), count: width), scale: Array(repeating: scale, count: width))
  }

  /// The input at a tick of a song.
  func input(song: Int, tick: Int) -> ArraySlice<Float> {
    inputs[song][tick * width..<(tick + 1) * width]
  }

  /// Mean and standard deviation of each input over some ticks; a deviation of 1 where an input never changes.
  ///
  /// - Parameters:
  ///   - logarithmic: inputs of which the logarithm is taken first.
  ///   - limit: to which normalised inputs are clipped, see ``InputNormalization``.
  func normalization(
    over ticks: [TickIndex], logarithmic: [Int] = [], limit: Float? = nil
  ) -> InputNormalization {
    var sums = [Double](repeating: 0, count: width)
    var squares = sums
    for tick in ticks {
      var values = Array(input(song: tick.song, tick: tick.tick))
      for index in logarithmic { values[index] = InputNormalization.logarithm(values[index]) }
      for (index, value) in values.enumerated() {
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
    return InputNormalization(
      mean: means.map { Float($0) }, scale: scales, logarithmic: logarithmic, limit: limit)
  }
}

/// What is known of the values of an input.
public struct InputTraits: Sendable, Equatable {
  /// What each is called; empty if nothing is known.
  public var names: [String]
  /// Those that are powers: their logarithms are learned from.
  public var logarithmic: [Int]
  /// Whether normalised values are clipped, as those of descriptors are: a single odd file has values far outside.
  public var isClipped: Bool

  /// ±5 deviations.
  static let limit: Float = 5

  public init(names: [String] = [], logarithmic: [Int] = [], isClipped: Bool = false) {
    (self.names, self.logarithmic, self.isClipped) = (names, logarithmic, isClipped)
  }
}

/// A tick of a song of a set.
struct TickIndex: Sendable, Equatable {
  let song: Int
  let tick: Int
}
