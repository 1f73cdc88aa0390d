import ArgumentParser
import CommandLineSupport
import Embedding
import EmotionModel
import FoundationEssentials
import Platform
import Training

struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains ridge regression and every network, or systems by their names, and prints one table.",
    discussion: """
      With --recipes, or with --model, --select or --target, the systems are scored on folds: each song by a model that \
      was trained on the other folds. The published figures stand beside.

      Without, each kind is trained by its own settings and scored on the same test songs, once with songs divided by artist and \
      once with single frames divided at random, 8 : 1 : 1. The second is there only to reproduce published tables: \
      neighbouring frames are near copies, so that the test is in the training.

      Embeddings are computed once and kept in a cache. Ctrl-C ends the trainings that run and leaves out the others.
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var training: TrainingOptions

  @OptionGroup var progress: ProgressOptions

  @OptionGroup var system: SystemOptions

  @Option(
    help: ArgumentHelp(
      "Systems, by their names or those of the papers, with commas: gupta, qiu, louro, cao, lyu, or all. "
        + "affectctl recipes lists them.", valueName: "names"))
  var recipes: String?

  @Option(help: ArgumentHelp("Parts into which the songs are divided, 2 to 20.", valueName: "count"))
  var folds = 5

  @Option(help: ArgumentHelp("How often they are divided, 1 to 20.", valueName: "count"))
  var repeats = 1

  @Option(name: .customLong("split"), help: "How songs are divided into folds: artist or song.")
  var splitProtocol = SplitProtocol.artist

  @Option(
    help: ArgumentHelp(
      "A column more: entropy, all scores in one number, which ranks within the table.", valueName: "kind"))
  var scores: ExtraScores?

  @Option(
    help: ArgumentHelp(
      "Write what is predicted of each song, and by which fold, into this table, .csv.", valueName: "file"),
    completion: .file())
  var predictions: String?

  @Option(
    help: ArgumentHelp(
      "Write the inputs of the first system into this table, .csv, a row for each labelled moment, with the fold of its "
        + "song: to train the same with another program.", valueName: "file"),
    completion: .file())
  var samples: String?

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  enum ExtraScores: String, ExpressibleByArgument, CaseIterable {
    case entropy
  }

  func validate() throws {
    guard (2...20).contains(folds) else { throw ValidationError("--folds: expected a number from 2 to 20") }
    guard (1...20).contains(repeats) else { throw ValidationError("--repeats: expected a number from 1 to 20") }
    guard splitProtocol != .frame else {
      throw ValidationError("--split: folds are of whole songs, by artist or by song")
    }
    guard !comparesSystems || !json else { throw ValidationError("--json: systems are compared in tables alone") }
    guard comparesSystems || scores == nil && predictions == nil && samples == nil else {
      throw ValidationError("--scores, --predictions and --samples go with --recipes or --model")
    }
    guard recipes == nil || !system.isGiven else {
      throw ValidationError("--recipes says all that --model, --select and --target say")
    }
    guard let recipes else { return }
    do throws(Recipe.NameProblem) { _ = try Recipe.named(recipes) } catch {
      throw ValidationError("--recipes: \(error)")
    }
  }

  private var comparesSystems: Bool { recipes != nil || system.isGiven }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      Interruption.catchSignals()
      guard !comparesSystems else { return try await compareSystems() }
      let input = training.input ?? .audio(.musiCNN)
      let workshop = try Workshop(data, training, nil, progress, input: input, hearsTonality: true)
      let material = try await workshop.load()
      // Fine-tuning is for MusiCNN alone.
      let patches =
        input == .audio(.musiCNN)
        ? try await workshop.loadPatches(for: material, inSequence: false) : nil
      let comparison = Comparison(material: material, patches: patches, seed: training.seed, epochs: training.epochs)
      let results = try await comparison.run(progress) { Interruption.isRequested }
      let report = ComparisonReport(results, material: material)
      Console.writeOutput(json ? try report.json + "\n" : report.lines.joined(separator: "\n") + "\n")
    }
  }

  private func compareSystems() async throws {
    // Before minutes of work, not after them.
    let output = try predictions.map { try OutputFile(path: $0, inputs: DataSetReader.inputs(in: data.data)) }
    let sampleOutput = try samples.map { try OutputFile(path: $0, inputs: DataSetReader.inputs(in: data.data)) }
    let recipes =
      try self.recipes.map { try Recipe.named($0) }?.map { (name: $0.name, system: $0.system, published: $0.published) }
      ?? [(name: system.model?.rawValue ?? "mlp", system: system.system(training.input), published: nil)]
    let comparison = SystemComparison(
      recipes: recipes, data: data, training: training, progress: progress, splitProtocol: splitProtocol, folds: folds,
      repeats: repeats)
    let rows = try await comparison.run { material, system, folds, names in
      guard let sampleOutput else { return }
      try SampleTable(material, system: system, folds: folds, names: names).write(to: sampleOutput)
    }
    guard !rows.isEmpty else {
      throw Failure(.invalidData, "none of the systems could be scored: the lines above say why")
    }
    let lines = SystemTable(rows, entropy: scores == .entropy).lines
    Console.writeOutput(lines.joined(separator: "\n") + "\n")
    if let output { try PredictionTable(rows).write(to: output) }
  }
}
