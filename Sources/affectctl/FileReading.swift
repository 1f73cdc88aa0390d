import AudioInput
import CommandLineSupport

/// Reads whole sound files, as fast as possible, with a progress bar and warnings on standard error.
enum FileReading {
  /// Reads `path` to its end.
  ///
  /// - Parameters:
  ///   - begin: called with the file's rate once it is open.
  ///   - consume: called with one block of mono samples after another.
  static func read(
    _ path: String, channel: ChannelSelection, begin: (_ sampleRate: Int) throws -> Void,
    consume: (Span<Float>) throws -> Void
  ) throws {
    let file = try SoundFileSource(path: path)
    let reader: MonoReader
    do {
      reader = try MonoReader(file, channel: channel)
    } catch {
      throw AudioInputError(error.code, "\(path): \(error.description)")
    }
    try begin(reader.sampleRate)
    var progress = ProgressBar(title: path, total: file.declaredFrameCount)
    defer { progress.clear() }
    var done = 0
    try reader.readAll { samples in
      try consume(samples)
      done += samples.count
      progress.show(done: done)
    }
    progress.clear()
    for warning in file.warnings { Console.writeError("affectctl: warning: \(warning)\n") }
    if reader.invalidSampleCount > 0 {
      Console.writeError(
        "affectctl: warning: \(path): \(reader.invalidSampleCount) samples are no usable numbers and count as silence\n"
      )
    }
  }
}
