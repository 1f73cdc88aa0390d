import AudioInput
import CommandLineSupport

/// The excerpts that `bench follow` cuts end to end: they alternate between low and high arousal, by the labels of the
/// listeners.
///
/// DATA is a folder with `audio/ID.opus`, an excerpt of each song; `songs.csv`, with the columns `song_id`,
/// `excerpt_start_s` and `excerpt_end_s`; and `dynamic_arousal.csv`, with `song_id` and a column `sample_Nms` for each
/// moment that was rated, N in the time of `excerpt_start_s`.
struct FollowingMaterial {
  struct Song: Equatable {
    let identifier: String
    /// Mean label over the excerpt, -1...1.
    let arousal: Double
  }

  static let excerptCount = 16
  /// Seconds.
  static let excerptLength = 10.0
  /// Hz, the rate at which the excerpts are joined.
  static let sampleRate = 48_000

  /// The chosen songs, in the order in which they are heard.
  let songs: [Song]

  private let directory: String

  /// - Parameter directory: DATA.
  /// - Throws: ``ProgramFailure`` if a table is missing or wrong, or labels too few songs.
  init(directory: String) throws(ProgramFailure) {
    self.directory = directory
    songs = try Self.choose(from: Self.labels(directory))
  }

  /// Takes as many songs from the tenth with the lowest arousal as from the one with the highest, evenly spread over
  /// each, in turns. There is nothing random in it.
  private static func choose(from songs: [Song]) throws(ProgramFailure) -> [Song] {
    let half = excerptCount / 2
    guard songs.count >= excerptCount else {
      throw ProgramFailure(
        .invalidData,
        "only \(songs.count) songs have an excerpt in songs.csv and a label for it in dynamic_arousal.csv; "
          + "\(excerptCount) are needed")
    }
    let sorted = songs.sorted { ($0.arousal, $0.identifier) < ($1.arousal, $1.identifier) }
    let tenth = max(half, sorted.count / 10)
    let (low, high) = (sorted.prefix(tenth), sorted.suffix(tenth))
    return (0..<half).flatMap { number in
      let offset = (2 * number + 1) * tenth / excerptCount
      return [low[low.startIndex + offset], high[high.startIndex + offset]]
    }
  }

  /// The songs with labels, in no order.
  private static func labels(_ directory: String) throws(ProgramFailure) -> [Song] {
    let songs = try CSVFile(path: "\(directory)/songs.csv")
    let labels = try CSVFile(path: "\(directory)/dynamic_arousal.csv")
    let start = try songs.index(of: "excerpt_start_s")
    let end = try songs.index(of: "excerpt_end_s")
    let times = labels.columns.map { time(ofColumn: $0) }
    let excerpts = try songs.rows(by: "song_id")
    return try labels.rows(by: "song_id").compactMap { identifier, row in
      guard let excerpt = excerpts[identifier], let start = Double(excerpt[start]), let end = Double(excerpt[end])
      else { return nil }
      let values = zip(times, row).compactMap { time, field in
        // Not every song was rated at every moment.
        time.map { start...max(start, end) ~= $0 } == true ? Double(field) : nil
      }
      guard !values.isEmpty else { return nil }
      return Song(identifier: identifier, arousal: values.reduce(0, +) / Double(values.count))
    }
  }

  /// Seconds of a column called `sample_Nms`; nil for another one.
  private static func time(ofColumn name: String) -> Double? {
    guard name.hasPrefix("sample_"), name.hasSuffix("ms") else { return nil }
    return Double(name.dropFirst("sample_".count).dropLast("ms".count)).map { $0 / 1_000 }
  }

  /// The excerpt of `song`, ``excerptLength`` long at ``sampleRate``.
  ///
  /// - Throws: `AudioInputError` if there is none, ``ProgramFailure`` if it is too short.
  func samples(of song: Song, channel: ChannelSelection) throws -> [Float] {
    let path = path(of: song)
    let count = Int(Self.excerptLength * Double(Self.sampleRate))
    var samples: [Float] = []
    var resampler: Resampler?
    func append(_ piece: Span<Float>) {
      for index in piece.indices { samples.append(piece[index]) }
    }
    let warnings = try FileReading.read(path, channel: channel, showsProgress: false) { rate in
      resampler = Resampler(from: rate, to: Self.sampleRate)
    } consume: { piece in
      if samples.count < count { resampler?.process(piece, emit: append) }
    }
    if samples.count < count { resampler?.finish(emit: append) }
    for warning in warnings { Console.warn("affectctl", warning) }
    guard samples.count >= count else {
      let seconds = Double(samples.count * 100 / Self.sampleRate) / 100
      throw ProgramFailure(
        .invalidData, "\(path): holds \(seconds) s of audio; an excerpt of \(Self.excerptLength) s is needed")
    }
    return Array(samples.prefix(count))
  }

  func path(of song: Song) -> String { "\(directory)/audio/\(song.identifier).opus" }
}
