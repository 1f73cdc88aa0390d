import Affect
import ArgumentParser
import CommandLineSupport
import Platform
import Plotting
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
      "Seconds by which listeners lag behind the music: the label for a value is the one given so much later.",
      valueName: "seconds"))
  var labelShift = 0.0

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Draw labels against predictions, the confidence and the quadrants into this file, .svg or .png.",
      valueName: "file"), completion: .file())
  var plot: String?

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let settings = pipeline.applied(to: PipelineSettings())
      // Before the work, not after it.
      let picture = try plot.map { try PictureFile($0) }
      let set = try data.read()
      let isOfQuadrants = set.songs.allSatisfy { $0.dynamicLabels.isEmpty && $0.staticLabel == nil }
      guard picture == nil || !isOfQuadrants else { throw nothingToDraw }
      let progress = WorkProgress("songs heard", total: set.songs.count, self.progress)
      defer { progress.clear() }
      let scored = try await ScoredModel(settings, songs: set.songs, labelShift: labelShift) { progress.advance() }
      progress.clear()
      data.report(scored.notes)
      let report = try EvaluationReport(scored)
      guard picture == nil || !scored.songs.isEmpty || !scored.staticSongs.isEmpty else { throw nothingToDraw }
      try picture?.write(svg: Self.plot(of: scored, title: "\(scored.name) on \(PictureFile.title(of: data.data))").svg)
      Console.writeOutput(json ? try report.json + "\n" : report.lines.joined(separator: "\n") + "\n")
    }
  }

  private var nothingToDraw: Failure {
    Failure(
      .invalidData,
      "\(data.data): no song with more than a quadrant can be scored: there are no values to draw; leave "
        + "--plot out")
  }

  private static func plot(of scored: ScoredModel, title: String) -> EvaluationPlot {
    let songs = scored.songs.isEmpty ? scored.staticSongs : scored.songs
    let scores = Scores(songs)
    func caption(_ dimension: KeyPath<Scores, DimensionScores>) -> String {
      let scores = scores[keyPath: dimension]
      let correlation = NumberText.fixed(scores.correlation, 2)
      return "r \(correlation), RMSE \(NumberText.fixed(scores.rootMeanSquareError, 2))"
    }
    return EvaluationPlot(
      title: title, pairs: songs.flatMap { Array(zip($0.labels, $0.predictions)) }.map { ($0.0, $0.1) },
      bins: Reliability(songs)?.bins.map { .init(confidence: $0.meanConfidence, observed: $0.observedShare) } ?? [],
      captions: (caption(\.valence), caption(\.arousal)))
  }
}
