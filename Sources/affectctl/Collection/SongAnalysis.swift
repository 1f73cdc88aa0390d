import Affect
import CommandLineSupport
import Glibc
import Platform
import Tracking

/// The networks of one job of a collection, which hear one file after another.
struct SongAnalysis {
  private let pipeline: Pipeline
  private let settings: PipelineSettings
  private let limits: Limits

  /// What a single file may take.
  struct Limits: Sendable {
    /// Seconds of audio.
    let audio: Double

    /// Seconds on the clock: four times as fast as it plays is slow for the slowest machine.
    var time: Double { max(900, audio / 4) }
  }

  /// What became of a file.
  struct Outcome: Sendable {
    /// The file's row, if it did not fail.
    var row: SongRow?
    /// Seconds of audio.
    var duration = 0.0
    var failure: Failure?
  }

  /// - Throws: ``Failure`` if the networks cannot be loaded.
  init(_ settings: PipelineSettings, _ limits: Limits) throws {
    self.settings = settings
    self.limits = limits
    pipeline = try settings.makePipeline()
  }

  /// Hears a file.
  ///
  /// - Parameter curve: where its curve goes; nil for nowhere.
  func analyze(_ path: String, curve: String?) -> Outcome {
    var outcome = Outcome()
    do {
      try analyze(path, curve, &outcome)
    } catch {
      outcome.failure = error as? Failure ?? Failure(.software, "\(path): \(error)")
    }
    return outcome
  }

  private func analyze(_ path: String, _ curve: String?, _ outcome: inout Outcome) throws {
    let deadline = SystemClock().now + limits.time
    let file = try curve.map { path throws -> OutputFile in
      Directory.make(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
      return try OutputFile(path: path)
    }
    let table = AffectTable(hasFileColumn: false)
    try file?.writeLine(table.header)
    var summary = SongSummary(hop: settings.hop)
    var tracker: AffectTracker?
    var (rate, count) = (1, 0)
    var estimates: [AffectEstimate] = []
    func take() throws {
      for estimate in estimates {
        summary.add(estimate)
        try file?.writeLine(table.row(estimate, file: path))
      }
      estimates.removeAll(keepingCapacity: true)
    }
    let warnings = try FileReading.read(path, channel: settings.channel, progress: nil) {
      rate = $0
      tracker = pipeline.makeTracker(inputRate: $0)
    } consume: { samples in
      count += samples.count
      guard Double(count) <= limits.audio * Double(rate) else {
        throw Failure(.invalidData, path, "has more than \(limits.audio.fixed(0)) s of audio: raise --longest")
      }
      guard SystemClock().now < deadline else {
        throw Failure(.inputOutput, path, "takes more than \(limits.time.fixed(0)) s")
      }
      tracker?.push(samples) { estimates.append($0) }
      try take()
    }
    tracker?.finish { estimates.append($0) }
    try take()
    outcome.duration = Double(count) / Double(rate)
    // A row has to fit into a line of the journal.
    let remarks = warnings.prefix(8).map { $0.hasPrefix(path + ": ") ? String($0.dropFirst(path.count + 2)) : $0 }
    try file?.finish()
    outcome.row = SongRow(
      cells: [path] + summary.cells(duration: outcome.duration) + SongTags(of: path).values
        + [remarks.joined(separator: "; "), pipeline.modelName, Version.number])
  }
}
