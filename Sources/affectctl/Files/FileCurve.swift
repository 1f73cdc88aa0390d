import Affect
import AudioInput
import CommandLineSupport
import Glibc
import Platform
import Publishing
import Tracking

/// The emotion curve of a file, as lines.
struct FileCurve: Sendable {
  let lines: [String]
  let outcome: Outcome

  /// How the reading went.
  struct Outcome: Sendable {
    var warnings: [String] = []
    /// Chapters or cue marks of the file.
    var sections: [SoundFileSection] = []
    var failure: Failure?

    /// Tells the person, and returns the failure if there was one.
    func report() -> Failure? {
      for warning in warnings { Console.warn("affectctl", warning) }
      if let failure { Console.writeError("affectctl: \(failure.description)\n") }
      return failure
    }
  }

  /// What is asked for.
  struct Request: Sendable {
    private let file: String
    private let settings: PipelineSettings
    private let json: Bool
    private let isOneOfMany: Bool
    private let progress: ProgressOptions

    init(_ command: Analyze, _ settings: PipelineSettings, file: String) {
      self.file = file
      self.settings = settings
      json = command.json
      isOneOfMany = command.files.count > 1
      progress = command.progress
    }

    /// Draws the curve and hands over its lines as they come. What is wrong with the input becomes part of the outcome.
    ///
    /// - Parameter onEstimate: called with each tick, before its line is written.
    /// - Throws: what `write` throws.
    func draw(
      _ networks: Pipeline, onEstimate: (AffectEstimate) -> Void = { _ in }, write: (String) throws -> Void
    ) throws -> Outcome {
      let table = AffectTable(hasFileColumn: isOneOfMany)
      var tracker: AffectTracker?
      var estimates: [AffectEstimate] = []
      var isWriting = false
      func writeEstimates() throws {
        isWriting = true
        for estimate in estimates {
          onEstimate(estimate)
          try write(
            json
              ? AffectLine(estimate, file: isOneOfMany ? file : nil).json : table.row(estimate, file: file))
        }
        estimates.removeAll(keepingCapacity: true)
        isWriting = false
      }
      var outcome = Outcome()
      do {
        outcome.warnings = try FileReading.read(file, channel: settings.channel, progress: isOneOfMany ? nil : progress)
        { rate in
          tracker = networks.makeTracker(inputRate: rate)
        } onSections: {
          outcome.sections = $0
        } consume: { samples in
          tracker?.push(samples) { estimates.append($0) }
          try writeEstimates()
        }
        tracker?.finish { estimates.append($0) }
        try writeEstimates()
      } catch let failure as Failure where !isWriting {
        outcome.failure = failure
      }
      return outcome
    }

    /// The whole curve, on networks of its own.
    func draw() throws -> FileCurve {
      var lines: [String] = []
      let outcome = try draw(settings.makePipeline()) { lines.append($0) }
      return FileCurve(lines: lines, outcome: outcome)
    }
  }

  /// Draws several curves at once, as many as there are cores, and hands them over in the order of the requests.
  static func drawAll(_ requests: [Request], handOver: (FileCurve) throws -> Void) async throws {
    let cores = Machine.coreCount
    try await withThrowingTaskGroup(of: (Int, FileCurve).self) { group in
      var waiting = requests.enumerated().makeIterator()
      func startNext() {
        guard let (index, request) = waiting.next() else { return }
        group.addTask { (index, try request.draw()) }
      }
      for _ in 0..<cores { startNext() }
      var finished: [Int: FileCurve] = [:]
      var next = 0
      while let (index, curve) = try await group.next() {
        startNext()
        finished[index] = curve
        while let curve = finished.removeValue(forKey: next) {
          try handOver(curve)
          next += 1
        }
      }
    }
  }
}
