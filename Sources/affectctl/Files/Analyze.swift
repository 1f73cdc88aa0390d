import ArgumentParser
import AudioInput
import CommandLineSupport
import Platform
import Plotting
import Publishing

struct Analyze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the emotion curve of sound files, one row per hop.",
    discussion: """
      The values are those that affectd publishes when it hears the file. Rows before the first full window of audio \
      have no values.
      """)

  @Argument(
    help: ArgumentHelp(
      "Sound files: wav, flac, ogg, opus, mp3; - for what standard input gives.", valueName: "file"),
    completion: .file())
  var files: [String] = []

  @OptionGroup var pipeline: PipelineOptions

  @OptionGroup var progress: ProgressOptions

  @Flag(help: "Print JSON lines instead of CSV.")
  var json = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write to this file instead of standard output; with --files-from, the directory of the results.",
      valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var pictures: CurvePictureOptions

  @OptionGroup(title: "A collection") var collection: CollectionOptions

  func validate() throws {
    guard files.isEmpty != (collection.filesFrom == nil) else {
      throw ValidationError(
        files.isEmpty
          ? "Missing expected argument '<file> ...'" : "--files-from takes the place of files on the command line")
    }
    guard collection.filesFrom == nil || pictures.isEmpty else {
      throw ValidationError("--plot and --plot-plane draw one file")
    }
    guard collection.filesFrom == nil || output != nil else {
      throw ValidationError("--files-from needs a directory for the results: --output")
    }
    guard pictures.isEmpty || files.count <= 1 else {
      throw ValidationError("--plot and --plot-plane draw one file")
    }
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let settings = pipeline.applied(to: PipelineSettings())
      if let list = collection.filesFrom, let output {
        let run = try CollectionRun(
          list: list, directory: output, settings: settings, options: collection, json: json, progress: progress)
        // A job may be at its file yet, or hang.
        Reporting.runToTheEnd(as: "affectctl") { try run.run() }
      }
      let networks = try settings.makePipeline()
      let output = try OutputFile(path: output, inputs: files)
      let pictures = try pictures.open(inputs: files)
      if !json { try output.writeLine(AffectTable(hasFileColumn: files.count > 1).header) }

      var firstFailure: Failure?
      var failureCount = 0
      if files.count == 1 {
        var points: [AffectCurve.Point] = []
        let outcome = try FileCurve.Request(self, settings, file: files[0]).draw(networks) { estimate in
          if !pictures.isEmpty { points.append(AffectCurve.Point(estimate)) }
        } write: {
          try output.writeLine($0)
        }
        firstFailure = outcome.report()
        failureCount = firstFailure == nil ? 0 : 1
        if !points.isEmpty {
          try pictures.draw(
            AffectCurve(
              title: PictureFile.title(of: files[0]), points: points,
              marks: outcome.sections.map { AffectCurve.Mark(time: $0.time, label: $0.label) }))
        }
      } else {
        let requests = files.map { FileCurve.Request(self, settings, file: $0) }
        let progress = WorkProgress("files", total: files.count, progress)
        defer { progress.clear() }
        try await FileCurve.drawAll(requests) { curve in
          // What is said of a file must not stand in the bar.
          progress.clear()
          for line in curve.lines { try output.writeLine(line) }
          // One bad file does not stop the others.
          let failure = curve.outcome.report()
          firstFailure = firstFailure ?? failure
          failureCount += failure == nil ? 0 : 1
          progress.advance()
        }
      }
      // Where nothing could be read, an earlier result stays.
      if failureCount == files.count { output.abandon() } else { try output.finish() }
      if let firstFailure { throw ExitCode(firstFailure.code.exitStatus) }
    }
  }
}
