public import Affect

/// One of the two values over a song's time, as a table has it.
struct LabelTrack {
  struct Moment {
    /// Seconds of the annotated clip.
    let time: Double
    /// -1...1
    let value: Float
  }

  private(set) var moments: [Moment] = []
  private var rejectedCount = 0
  private var firstRejected = ""

  /// Takes in the text of one field. An empty one is no label: not every song was rated at every moment.
  ///
  /// - Parameter scale: the range of the table's values, which becomes -1...1.
  mutating func add(_ text: String, time: Double, scale: ClosedRange<Double>, line: Int) {
    guard !text.isEmpty else { return }
    guard let number = Double(text), scale.contains(number) else {
      if rejectedCount == 0 {
        firstRejected =
          "'\(text.prefix(20))' in line \(line) is no number from \(scale.lowerBound) to \(scale.upperBound)"
      }
      rejectedCount += 1
      return
    }
    let place = (number - scale.lowerBound) / (scale.upperBound - scale.lowerBound)
    moments.append(Moment(time: time, value: Float(2 * place - 1)))
  }

  /// Brings the moments into order. Of several at the same time the first stays.
  ///
  /// - Returns: how many were dropped.
  mutating func sort() -> Int {
    let before = moments.count
    // The position keeps the order of the file within a time: the library's sort does not promise to.
    let sorted = moments.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    moments = sorted.reduce(into: []) { kept, next in
      if kept.last?.time != next.element.time { kept.append(next.element) }
    }
    return before - moments.count
  }

  func reportRejected(song: String, table: String, notes: inout [DataSetNote]) {
    guard rejectedCount > 0 else { return }
    let others = rejectedCount == 1 ? "" : ", nor are \(rejectedCount - 1) more"
    notes.append(DataSetNote(song: song, message: "\(table): \(firstRejected)\(others); left out"))
  }
}

/// What listeners said of one moment of a song, averaged over them.
public struct TimedLabel: Sendable, Equatable {
  /// Seconds from the beginning of the audio file.
  public let time: Double
  /// -1...1
  public let affect: Affect

  public init(time: Double, affect: Affect) {
    self.time = time
    self.affect = affect
  }
}

/// Joins valence and arousal over time.
enum DynamicLabels {
  /// The labels of each song, ascending, in the time of the annotated clip. A moment counts if both values are there.
  static func joined(
    valence: [String: LabelTrack], arousal: [String: LabelTrack], notes: inout [DataSetNote]
  ) -> [String: [TimedLabel]] {
    var labels: [String: [TimedLabel]] = [:]
    for song in Set(valence.keys).union(arousal.keys) {
      var first = valence[song] ?? LabelTrack()
      var second = arousal[song] ?? LabelTrack()
      let repeatedCount = first.sort() + second.sort()
      if repeatedCount > 0 {
        notes.append(
          DataSetNote(
            song: song, message: "\(repeatedCount) labels are at a time that has one; the first of a time stays"))
      }
      if first.moments.isEmpty || second.moments.isEmpty {
        let missing =
          first.moments.isEmpty && second.moments.isEmpty ? "labels" : first.moments.isEmpty ? "valence" : "arousal"
        notes.append(DataSetNote(song: song, message: "has no \(missing) over time; its labels over time are left out"))
        continue
      }
      let both = merge(first.moments, second.moments)
      let unpairedCount = first.moments.count + second.moments.count - 2 * both.count
      if unpairedCount > 0 {
        notes.append(
          DataSetNote(
            song: song, message: "\(unpairedCount) moments have only one of valence and arousal; they are left out"))
      }
      if !both.isEmpty { labels[song] = both }
    }
    return labels
  }

  private static func merge(_ valence: [LabelTrack.Moment], _ arousal: [LabelTrack.Moment]) -> [TimedLabel] {
    let arousal = Dictionary(uniqueKeysWithValues: arousal.map { ($0.time, $0.value) })
    return valence.compactMap { moment in
      arousal[moment.time].map { TimedLabel(time: moment.time, affect: Affect(valence: moment.value, arousal: $0)) }
    }
  }
}
