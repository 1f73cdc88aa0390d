import Affect
import CommandLineSupport
import Glibc
import Platform

/// Analyzes the files of a list, several at once, into one table: `songs.csv` or `songs.jsonl`, with `failures.csv` beside
/// it. What was done before is not done again: it is in the journal.
package final class CollectionRun {
  private let paths: [String]
  private let directory: String
  private let settings: PipelineSettings
  private let settingsText: String
  private let options: CollectionOptions
  private let json: Bool
  private let jobs: Int
  private let progress: ProgressOptions
  private let journal: ResultJournal
  private let clock = SystemClock()
  private let work: Locked<Work>
  private var failures: [(path: String, failure: Failure)] = []

  /// What the jobs and the run share.
  private struct Work: Sendable {
    /// Files to do, by their number in the list, the next one last.
    var waiting: [Int] = []
    /// What each job is at.
    var running: [Int: (file: Int, since: Double)] = [:]
    var done: [(file: Int, outcome: SongAnalysis.Outcome)] = []
    /// Why a job could not begin.
    var failure: Failure?
  }

  /// Seconds beyond its limit after which a file that gives nothing is left to itself.
  private static let patience = 60.0

  /// - Throws: ``Failure`` if the list or the networks cannot be read, or the directory cannot be written to.
  init(
    list: String, directory: String, settings: PipelineSettings, options: CollectionOptions, json: Bool,
    progress: ProgressOptions
  ) throws {
    paths = try FileList.read(list)
    self.directory = directory
    self.settings = settings
    self.options = options
    self.json = json
    self.progress = progress
    jobs = options.jobs ?? Machine.coreCount
    settingsText = try Self.text(of: settings)
    Directory.make(directory)
    journal = try ResultJournal(in: directory)
    work = Locked(Work())
  }

  /// - Returns: what the command ends with: 0, or the status of the worst failure.
  func run() throws -> Int32 {
    let start = clock.now
    let keys = paths.map { ResultJournal.Key(of: $0, settings: settingsText) }
    let waiting = paths.indices.filter { index in
      guard let key = keys[index], journal.contains(key) else { return true }
      return options.curves && FileName.withPath(curvePath(paths[index]), { access($0, F_OK) }) != 0
    }
    if waiting.count < paths.count {
      tell("\(paths.count - waiting.count) of \(paths.count) files were done before")
    }
    work.withValue { $0.waiting = waiting.reversed() }
    let limits = SongAnalysis.Limits(audio: options.longest)
    let bar = WorkProgress("files", total: waiting.count, progress)
    for job in 0..<min(jobs, waiting.count) { startJob(job, limits) }
    var (left, nextJob, audio) = (waiting.count, jobs, 0.0)
    while left > 0 {
      let finished = try work.withValue(
        when: { !$0.done.isEmpty || $0.failure != nil }, within: 1,
        do: { work in
          if let failure = work.failure { throw failure }
          defer { work.done.removeAll() }
          return work.done
        })
      for (file, outcome) in finished ?? [] {
        left -= 1
        audio += outcome.duration
        try take(outcome, of: file, key: keys[file])
        bar.advance()
      }
      // A file whose reading never returns holds up its own job only.
      let stuck = work.withValue { work in
        let stuck = work.running.filter { clock.now - $0.value.since > limits.time + Self.patience }
        for job in stuck.keys { work.running[job] = nil }
        return stuck.values.map(\.file)
      }
      for file in stuck {
        left -= 1
        failures.append((paths[file], Failure(.inputOutput, paths[file], "gives nothing: its reading does not return")))
        startJob(nextJob, limits)
        nextJob += 1
      }
    }
    bar.clear()
    try writeTables(keys)
    report(audio: audio, songs: waiting.count, seconds: clock.now - start)
    return failures.map(\.failure.code.exitStatus).max() ?? 0
  }

  // MARK: - The jobs

  private func startJob(_ number: Int, _ limits: SongAnalysis.Limits) {
    let job = Job(
      number: number, work: work, paths: paths, settings: settings, limits: limits, jobs: jobs,
      curves: options.curves ? directory : nil)
    startThread(name: "job") { job.run() }
  }

  /// One of those that work side by side.
  private struct Job: Sendable {
    let number: Int
    let work: Locked<Work>
    let paths: [String]
    let settings: PipelineSettings
    let limits: SongAnalysis.Limits
    /// How many there are.
    let jobs: Int
    /// Where curves go.
    let curves: String?

    /// Takes one file after another until there are none.
    func run() {
      do {
        let analysis = try SongAnalysis(settings, limits)
        while let file = take() {
          let path = paths[file]
          let outcome = analysis.analyze(path, curve: curves.map { CollectionRun.curvePath(path, in: $0) })
          guard give(outcome, of: file) else { return }
        }
      } catch {
        work.withValue { $0.failure = error as? Failure ?? Failure(.software, "\(error)") }
      }
    }

    private func take() -> Int? {
      let (next, ahead) = work.withValue { work in
        let next = work.waiting.popLast()
        if let next { work.running[number] = (next, SystemClock().now) }
        return (next, work.waiting.dropLast(jobs - 1).last)
      }
      if let ahead { CollectionRun.readAhead(paths[ahead]) }
      return next
    }

    /// Whether the run still waits for it.
    private func give(_ outcome: SongAnalysis.Outcome, of file: Int) -> Bool {
      work.withValue { work in
        guard work.running.removeValue(forKey: number) != nil else { return false }
        work.done.append((file, outcome))
        return true
      }
    }
  }

  /// Asks the system to read a file that is soon wanted.
  private static func readAhead(_ path: String) {
    var status = stat()
    guard FileName.withPath(path, { stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    let descriptor = FileName.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { return }
    posix_fadvise(descriptor, 0, min(status.st_size, 1 << 26), POSIX_FADV_WILLNEED)
    close(descriptor)
  }

  // MARK: - The results

  private func take(_ outcome: SongAnalysis.Outcome, of file: Int, key: ResultJournal.Key?) throws {
    if let failure = outcome.failure { failures.append((paths[file], failure)) }
    if let row = outcome.row, let key { try journal.add(row, for: key) }
  }

  private func writeTables(_ keys: [ResultJournal.Key?]) throws {
    let songs = try OutputFile(path: "\(directory)/\(json ? "songs.jsonl" : "songs.csv")")
    if !json { try songs.writeLine(SongRow.header) }
    let failed = Set(failures.map(\.path))
    for (path, key) in zip(paths, keys) where !failed.contains(path) {
      guard let row = key.flatMap({ journal.row(for: $0) }) else { continue }
      try songs.writeLine(json ? row.json : row.csv)
    }
    try songs.finish()
    let table = try OutputFile(path: "\(directory)/failures.csv")
    try table.writeLine("path,reason")
    failures.sort { FileName.bytes($0.path).lexicographicallyPrecedes(FileName.bytes($1.path)) }
    for (path, failure) in failures {
      try table.writeLine([path, Self.reason(failure, path)].map(CSVField.quoted).joined(separator: ","))
    }
    try table.finish()
  }

  private static func reason(_ failure: Failure, _ path: String) -> String {
    let text = failure.description
    return text.hasPrefix(path + ": ") ? String(text.dropFirst(path.count + 2)) : text
  }

  /// Failures that are told one by one.
  private static let toldFailures = 20

  private func report(audio: Double, songs: Int, seconds: Double) {
    for (path, failure) in failures.prefix(Self.toldFailures) {
      Console.writeError("affectctl: \(path): \(Self.reason(failure, path))\n")
    }
    if failures.count > Self.toldFailures {
      Console.writeError("affectctl: and \(failures.count - Self.toldFailures) more: \(directory)/failures.csv\n")
    }
    let speed = audio / max(seconds, 1e-9)
    // Of which a song of three minutes takes 180 s.
    let perHour = speed * 3600 / 180 / Double(max(1, min(jobs, songs)))
    let fast =
      audio > 0
      ? "; \(audio.fixed(0)) s of audio in \(seconds.fixed(1)) s, \(speed.fixed(0)) × real time with \(jobs) jobs: "
        + "\(perHour.fixed(0)) three-minute songs an hour and job" : ""
    tell("\(paths.count - failures.count) songs, \(failures.count) failures in \(directory)\(fast)")
  }

  private func tell(_ text: String) {
    if !progress.quiet { Console.writeError("affectctl: \(text)\n") }
  }

  // MARK: - Names

  private func curvePath(_ path: String) -> String { Self.curvePath(path, in: directory) }

  /// Below `curves`, where the file lies in its own tree.
  package static func curvePath(_ path: String, in directory: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }.map { $0 == ".." ? "%2E%2E" : String($0) }
    return "\(directory)/curves/\(parts.joined(separator: "/")).csv"
  }

  /// All that decides the values.
  private static func text(of settings: PipelineSettings) throws -> String {
    var plain = settings
    (plain.model, plain.weights) = (nil, nil)
    let files = try ([settings.modelPath()] + settings.weightsPaths()).map { path -> String in
      do throws(FileError) {
        let file = try InputFile(path)
        return String(ResultJournal.hash(try file.read(at: 0, count: file.size)), radix: 16)
      } catch {
        throw Failure(.noInput, path, error.description)
      }
    }
    let hash = String(ResultJournal.hash("\(plain)"), radix: 16)
    return "\(Version.number)-\(hash)-\(files.joined(separator: "-"))"
  }
}
