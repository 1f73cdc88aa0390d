internal import Affect

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
