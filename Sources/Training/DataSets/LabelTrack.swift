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
