package import Platform

/// Consecutive ticks of a song that are trained on together: one for a model that looks at each by itself, many for a
/// sequence model.
package struct TrainingUnit: Sendable, Equatable {
  package let song: Int
  package let ticks: Range<Int>

  package init(song: Int, ticks: Range<Int>) {
    self.song = song
    self.ticks = ticks
  }
}

/// Cuts songs into units, and units into batches.
package enum TrainingUnits {
  /// The longest sequence that is trained on, in ticks: 30 s at 2 Hz.
  static let longestSequence = 60

  /// The units that hold a tick in `role`.
  ///
  /// - Parameter inSequence: whether a unit is a sequence. All songs are then cut to the length that half of them have,
  ///   so that batches can be made; what is left over at a song's end becomes a unit that overlaps the one before.
  package static func units(
    of set: TrainingSet, inSequence: Bool, where isWanted: (_ song: Int, _ tick: Int) -> Bool
  ) -> [TrainingUnit] {
    guard inSequence else {
      return set.songs.indices.flatMap { song in
        set.songs[song].labels.indices.filter { isWanted(song, $0) }
          .map { TrainingUnit(song: song, ticks: $0..<$0 + 1) }
      }
    }
    let lengths = set.songs.map(\.times.count).sorted()
    let length = min(longestSequence, lengths.isEmpty ? 1 : max(1, lengths[lengths.count / 2]))
    return set.songs.indices.flatMap { song -> [TrainingUnit] in
      let count = set.songs[song].times.count
      guard count > 0 else { return [] }
      var starts = Array(stride(from: 0, through: max(0, count - length), by: length))
      if count > length, count % length != 0 { starts.append(count - length) }
      return starts.map { TrainingUnit(song: song, ticks: $0..<min(count, $0 + length)) }
        .filter { unit in unit.ticks.contains { isWanted(song, $0) } }
    }
  }

  /// At most so many units of each song, others each time: the moments of a song are near copies of each other.
  package static func sample(
    _ units: [TrainingUnit], perSong limit: Int, generator: inout SeededGenerator
  ) -> [TrainingUnit] {
    var counts: [Int: Int] = [:]
    return units.shuffled(using: &generator).filter { unit in
      counts[unit.song, default: 0] += 1
      return counts[unit.song, default: 0] <= limit
    }
  }

  /// Shuffled batches of units, those of one batch equally long.
  package static func batches(
    of units: [TrainingUnit], size: Int, generator: inout SeededGenerator
  ) -> [[TrainingUnit]] {
    let shuffled = units.shuffled(using: &generator)
    // Grouped in the order of the lengths: a dictionary's own order changes from run to run.
    let byLength = Dictionary(grouping: shuffled, by: \.ticks.count).sorted { $0.key < $1.key }
    let batches = byLength.flatMap { _, units in
      stride(from: 0, to: units.count, by: size).map { Array(units[$0..<min(units.count, $0 + size)]) }
    }
    return batches.shuffled(using: &generator)
  }
}
