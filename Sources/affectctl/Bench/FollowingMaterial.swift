import Affect
import AudioInput
import CommandLineSupport
import Platform
import SignalProcessing
import Training

/// The excerpts that `bench follow` cuts end to end: they alternate between low and high arousal, by the labels of the
/// listeners. Each begins at the first label that its file has audio for.
struct FollowingMaterial {
  struct Song: Equatable {
    let identifier: String
    let path: String
    /// Where the excerpt begins in the file, seconds.
    let start: Double
    /// Mean label over the excerpt, -1...1.
    let arousal: Double

    /// - Returns: nil if there is no label after the beginning of the file.
    fileprivate init?(_ song: LabelledSong) {
      let labels = song.dynamicLabels.filter { $0.time >= 0 }
      guard let start = labels.first?.time else { return nil }
      let values = labels.prefix { $0.time <= start + excerptLength }.map { Double($0.affect.arousal) }
      identifier = song.identifier
      path = song.audioPath
      self.start = start
      arousal = values.reduce(0, +) / Double(values.count)
    }
  }

  static let excerptCount = 16
  /// Seconds.
  static let excerptLength = 10.0
  /// Hz, the rate at which the excerpts are joined.
  static let sampleRate = 48_000

  /// The chosen songs, in the order in which they are heard.
  let songs: [Song]

  /// - Throws: ``Failure`` if the set has too few songs with labels over time.
  init(_ set: DataSet) throws(Failure) {
    songs = try Self.choose(from: set.songs.compactMap(Song.init))
  }

  /// Takes as many songs from the tenth with the lowest arousal as from the one with the highest, evenly spread over
  /// each, in turns. There is nothing random in it.
  private static func choose(from songs: [Song]) throws(Failure) -> [Song] {
    let half = excerptCount / 2
    guard songs.count >= excerptCount else {
      throw Failure(
        .invalidData,
        "only \(songs.count) songs have labels over time that lie in their audio; \(excerptCount) are needed")
    }
    // The sort is stable: songs of the same arousal stay as they are in the set.
    let sorted = songs.sorted { $0.arousal < $1.arousal }
    let tenth = max(half, sorted.count / 10)
    let (low, high) = (sorted.prefix(tenth), sorted.suffix(tenth))
    return (0..<half).flatMap { number in
      let offset = (2 * number + 1) * tenth / excerptCount
      return [low[low.startIndex + offset], high[high.startIndex + offset]]
    }
  }

  /// The excerpt of `song`, ``excerptLength`` long at ``sampleRate``.
  ///
  /// - Throws: `Failure` if there is none, ``Failure`` if it is too short.
  func samples(of song: Song, channel: ChannelSelection) throws -> [Float] {
    let skipped = Int(song.start * Double(Self.sampleRate))
    let end = skipped + Int(Self.excerptLength * Double(Self.sampleRate))
    var position = 0
    var samples: [Float] = []
    var resampler: Resampler?
    func append(_ piece: Span<Float>) {
      for index in piece.indices where skipped..<end ~= position + index { samples.append(piece[index]) }
      position += piece.count
    }
    let warnings = try FileReading.read(song.path, channel: channel, progress: nil) { rate in
      resampler = Resampler(from: rate, to: Self.sampleRate)
    } consume: { piece in
      if position < end { resampler?.process(piece, emit: append) }
    }
    if position < end { resampler?.finish(emit: append) }
    for warning in warnings { Console.warn("affectctl", warning) }
    guard position >= end else {
      let seconds = Double(samples.count * 100 / Self.sampleRate) / 100
      throw Failure(
        .invalidData,
        "\(song.path): holds \(seconds) s of audio from its first label on; an excerpt of \(Self.excerptLength) s is "
          + "needed")
    }
    return samples
  }
}
