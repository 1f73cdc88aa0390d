internal import Affect
import Platform
internal import Publishing

extension FuzzEntry {
  /// Reads the recording to its end. One without any entry is no recording.
  static func acceptsRecording(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
    var reader = RecordingReader()
    var hasEntry = false
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let entry: RecordingReader.Entry?
      do {
        entry = try reader.entry(Array(line))
      } catch {
        try BrokenPromise.unless(error.code == .invalidData, "mistakes are expected, found \(error.description)")
        return false
      }
      guard let entry else { continue }
      hasEntry = true
      if case .estimate(let estimate) = entry { try check(estimate.estimate) }
    }
    return hasEntry
  }

  /// A recording is published again: what is promised to subscribers holds for it too (docs/protocol.md).
  private static func check(_ estimate: AffectEstimate) throws(BrokenPromise) {
    try BrokenPromise.unless(estimate.tick > 0, "ticks count from 1, found \(estimate.tick)")
    try BrokenPromise.unless(estimate.audioTime.isFinite, "a time is finite, found \(estimate.audioTime)")
    try BrokenPromise.unless(estimate.level.isFinite, "a level is finite, found \(estimate.level)")
    try BrokenPromise.unless(estimate.gap >= 0 && estimate.gap.isFinite, "a gap is a length, found \(estimate.gap)")
    guard let values = estimate.values else { return }
    for affect in [values.smoothed, values.raw ?? values.smoothed] {
      try BrokenPromise.unless(
        Affect.range.contains(affect.valence) && Affect.range.contains(affect.arousal),
        "values lie in their range, found \(affect)")
    }
    try BrokenPromise.unless(
      values.trend.valence.isFinite && values.trend.arousal.isFinite, "a trend is finite, found \(values.trend)")
    if let confidence = values.confidence {
      try BrokenPromise.unless((0...1).contains(confidence), "a confidence is a probability, found \(confidence)")
    }
  }
}
