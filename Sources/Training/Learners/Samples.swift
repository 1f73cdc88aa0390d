internal import Affect
internal import Platform

/// Moments of songs as a learner takes them that sees all of them at once.
package struct Samples: Sendable {
  /// Values of an input.
  package let width: Int
  /// `[samples × width]`
  package var inputs: [Float] = []
  /// Valence and arousal; of songs of which the quadrant alone is known, their signs.
  package var targets: [SIMD2<Float>] = []
  /// How much each counts, above 0.
  package var weights: [Float] = []
  /// Which song of the set each belongs to.
  package var songs: [Int] = []

  package var count: Int { targets.count }

  package init(width: Int) { self.width = width }

  /// Some labelled ticks of a set.
  ///
  /// - Parameter perSong: at most so many of each song, evenly spread; nil for all.
  init(_ set: TrainingSet, ticks: [TickIndex], perSong: Int?) {
    width = set.width
    var start = 0
    while start < ticks.count {
      var end = start
      while end < ticks.count, ticks[end].song == ticks[start].song { end += 1 }
      for tick in Self.spread(ticks[start..<end], count: perSong) {
        guard let label = set.songs[tick.song].labels[tick.tick] else { continue }
        add(
          set.input(song: tick.song, tick: tick.tick), target: SIMD2(label.valence, label.arousal),
          weight: set.songs[tick.song].weight, song: tick.song)
      }
      start = end
    }
  }

  /// At most `count` of a song's ticks, in the middles of as many equal parts; nil for all.
  static func spread<Tick>(_ ticks: ArraySlice<Tick>, count: Int?) -> [Tick] {
    let taken = min(count ?? ticks.count, ticks.count)
    return (0..<taken).map { ticks[ticks.startIndex + (2 * $0 + 1) * ticks.count / (2 * taken)] }
  }

  package mutating func add(_ input: ArraySlice<Float>, target: SIMD2<Float>, weight: Float = 1, song: Int = 0) {
    precondition(input.count == width)
    inputs.append(contentsOf: input)
    targets.append(target)
    weights.append(weight)
    songs.append(song)
  }

  package func input(_ index: Int) -> ArraySlice<Float> { inputs[index * width..<(index + 1) * width] }

  /// The quadrant of a sample, 0...3.
  package func quadrant(_ index: Int) -> Int {
    Quadrant(of: Affect(valence: targets[index].x, arousal: targets[index].y)).rawValue - 1
  }

  /// Those at `indices`, in their order.
  package func taking(_ indices: [Int]) -> Samples {
    var result = Samples(width: width)
    for index in indices {
      result.add(input(index), target: targets[index], weight: weights[index], song: songs[index])
    }
    return result
  }

  /// Deals the songs to `count` parts of like size, in a random order.
  ///
  /// - Returns: the part of each sample; all samples of a song have the same.
  package func parts(_ count: Int, seed: UInt64) -> [Int] {
    var generator = SeededGenerator(seed: seed)
    let order = Array(Set(songs)).sorted().shuffled(using: &generator)
    let part = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0 % count) })
    return songs.map { part[$0] ?? 0 }
  }
}
