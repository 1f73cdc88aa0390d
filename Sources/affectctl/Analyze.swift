import Affect
import ArgumentParser
import AudioInput
import CommandLineSupport
import Publishing
import Tracking

struct Analyze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the emotion curve of sound files, one row per hop.",
    discussion: """
      The values are those that affectd publishes when it hears the file. Rows before the first full window of audio \
      have no values.
      """)

  @Argument(help: ArgumentHelp("Sound files: wav, flac, ogg, opus, mp3.", valueName: "file"))
  var files: [String]

  @OptionGroup var pipeline: PipelineOptions

  @Flag(help: "Print JSON lines instead of CSV.")
  var json = false

  @Option(
    name: [.short, .long], help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"))
  var output: String?

  func run() async throws {
    try await ProgramFailure.reporting(as: "affectctl") {
      let settings = pipeline.applied(to: PipelineSettings())
      let networks = try settings.makePipeline()
      let output = try OutputFile(path: output)
      let table = AffectTable(hasFileColumn: files.count > 1)
      if !json { try output.writeLine(table.header) }

      var firstFailure: ProgramFailure?
      for file in files {
        do {
          try analyze(file, settings, networks) { estimate in
            let line =
              json
              ? AffectLine(estimate, file: files.count > 1 ? file : nil).json : table.row(estimate, file: file)
            try output.writeLine(line)
          }
        } catch let error as AudioInputError {
          // One bad file does not stop the others.
          let failure = ProgramFailure(error)
          Console.writeError("affectctl: \(failure.description)\n")
          firstFailure = firstFailure ?? failure
        }
      }
      try output.finish()
      if let firstFailure { throw ExitCode(firstFailure.code.rawValue) }
    }
  }

  private func analyze(
    _ file: String, _ settings: PipelineSettings, _ networks: Pipeline, write: (AffectEstimate) throws -> Void
  ) throws {
    var tracker: AffectTracker?
    var estimates: [AffectEstimate] = []
    func writeEstimates() throws {
      for estimate in estimates { try write(estimate) }
      estimates.removeAll(keepingCapacity: true)
    }
    try FileReading.read(file, channel: settings.channel) { sampleRate in
      tracker = networks.makeTracker(inputRate: sampleRate)
    } consume: { samples in
      tracker?.push(samples) { estimates.append($0) }
      try writeEstimates()
    }
    tracker?.finish { estimates.append($0) }
    try writeEstimates()
  }
}
