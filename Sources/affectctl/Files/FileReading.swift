import AudioInput
import CommandLineSupport
import Platform

/// Reads whole sound files, as fast as possible.
enum FileReading {
  /// Reads `path` to its end.
  ///
  /// - Parameters:
  ///   - progress: whether it is said how far it is; nil for not at all.
  ///   - begin: called with the file's rate once it is open.
  ///   - consume: called with one block of mono samples after another.
  ///   - onSections: called with its chapters or cue marks once it is open.
  /// - Returns: what is odd about the file, a sentence each.
  static func read(
    _ path: String, channel: ChannelSelection, progress options: ProgressOptions?,
    begin: (_ sampleRate: Int) throws -> Void,
    onSections: ([SoundFileSection]) -> Void = { _ in }, consume: (Span<Float>) throws -> Void
  ) throws -> [String] {
    let file = try SoundFileSource(path: path)
    let reader: MonoReader
    do {
      reader = try MonoReader(file, channel: channel)
    } catch {
      throw Failure(error.code, "\(path): \(error.description)")
    }
    try begin(reader.sampleRate)
    onSections(file.sections)
    let progress = options.map { WorkProgress(path, total: file.expectedFrameCount, $0) }
    defer { progress?.clear() }
    var done = 0
    try reader.readAll { samples in
      try consume(samples)
      done += samples.count
      progress?.show(done: done)
    }
    var warnings = file.warnings
    if reader.invalidSampleCount > 0 {
      warnings.append("\(path): \(reader.invalidSampleCount) samples are no usable numbers and count as silence")
    }
    return warnings + reader.conditionWarnings.map { "\(path): \($0)" }
  }
}
