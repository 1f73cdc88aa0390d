import Affect
import ArgumentParser
import CommandLineSupport
import Training

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Scores a model on labelled music.",
    discussion: """
      Every song of DATA is heard through the daemon's own pipeline, so that the values are those that affectd would \
      publish. Score songs that the model was not trained on: its card (affectctl card) says which it was.
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var pipeline: PipelineOptions

  @OptionGroup var progress: ProgressOptions

  @Option(
    help: ArgumentHelp(
      "Seconds by which listeners lag behind the music: the label for a value is the one given so much later. "
        + "(default: 0)", valueName: "seconds"))
  var labelShift = 0.0

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let settings = pipeline.applied(to: PipelineSettings())
      let set = try data.read()
      let progress = WorkProgress("songs heard", total: set.songs.count, self.progress)
      defer { progress.clear() }
      let scored = try await ScoredModel(settings, songs: set.songs, labelShift: labelShift) { progress.advance() }
      progress.clear()
      data.report(scored.notes)
      let report = try EvaluationReport(scored)
      Console.writeOutput(json ? try report.json + "\n" : report.lines.joined(separator: "\n") + "\n")
    }
  }
}
