internal import Affect

/// Finds static ratings whose valence and arousal are exchanged, as they are in DEAM's published tables for songs up to
/// 1000, by comparing them with the labels over time, and mends them. What was found is always reported.
///
/// The ratings of each file are looked at in blocks of a thousand identifiers. A block is exchanged if its ratings,
/// taken the other way round, correlate better with the mean labels over time: the sum of the two correlations is at
/// least ``minimumSum`` and exceeds the sum without exchange by at least ``minimumGain``, over at least
/// ``minimumCount`` songs.
enum ColumnExchange {
  static let minimumCount = 20
  static let minimumSum = 1.0
  static let minimumGain = 0.3

  static func mend(_ file: inout StaticRatings, means: [String: Affect], notes: inout [DataSetNote]) {
    var unknownCount = 0
    for block in blocks(of: file.ratings.keys) {
      let songs = block.songs.compactMap { song in
        means[song].flatMap { mean in file.ratings[song].map { (rating: $0, mean: mean) } }
      }
      guard songs.count >= minimumCount else {
        unknownCount += block.songs.count
        continue
      }
      let straight = Fit(songs)
      let exchanged = Fit(songs.map { ($0.rating.exchanged, $0.mean) })
      let place = "\(file.source), \(block.name)"
      let figures =
        "over \(songs.count) songs they correlate with the labels over time at \(straight) (valence, arousal) as they "
        + "stand, \(exchanged) exchanged"
      if exchanged.sum >= minimumSum, exchanged.sum >= straight.sum + minimumGain {
        for song in block.songs { file.ratings[song] = file.ratings[song]?.exchanged }
        notes.append(
          DataSetNote(
            song: nil,
            message:
              "\(place): valence and arousal are exchanged in the file: \(figures). All \(block.songs.count) rows "
              + "were put right"))
      } else if straight.sum < minimumSum || straight.sum < exchanged.sum + minimumGain {
        notes.append(
          DataSetNote(
            song: nil,
            message:
              "\(place): whether valence and arousal are exchanged cannot be told: \(figures). They are taken as "
              + "they stand"))
      }
    }
    if unknownCount > 0 {
      notes.append(
        DataSetNote(
          song: nil,
          message: "\(file.source): whether valence and arousal are exchanged could not be checked for \(unknownCount) "
            + "of \(file.ratings.count) songs: too few songs near them have labels over time. They are taken as they "
            + "stand"))
    }
  }

  /// How well ratings go with the labels over time.
  private struct Fit: CustomStringConvertible {
    let valence: Double
    let arousal: Double

    init(_ songs: [(rating: StaticRating, mean: Affect)]) {
      valence = LeastSquaresLine(songs.map { ($0.rating.valence, Double($0.mean.valence)) }).correlation
      arousal = LeastSquaresLine(songs.map { ($0.rating.arousal, Double($0.mean.arousal)) }).correlation
    }

    var sum: Double { valence + arousal }
    var description: String { "\(NumberText.fixed(valence, 2)) and \(NumberText.fixed(arousal, 2))" }
  }

  /// Songs 1 to 1000, 1001 to 2000 and so on, and those that have no number.
  private static func blocks(of songs: some Collection<String>) -> [(name: String, songs: [String])] {
    let blocks = Dictionary(grouping: songs) { song in Int(song).map { $0 <= 0 ? 0 : ($0 - 1) / 1_000 } }
    return blocks.sorted { ($0.key ?? .max) < ($1.key ?? .max) }.map { number, songs in
      let name = number.map { "songs \($0 * 1_000 + 1) to \(($0 + 1) * 1_000)" } ?? "songs without a number"
      // The order decides how sums are rounded.
      return (name, songs.sorted())
    }
  }
}
