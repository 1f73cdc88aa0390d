import ArgumentParser
import CommandLineSupport
import Embedding
import EmotionModel
import FoundationEssentials
import Training

struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains every kind of model and prints one table.",
    discussion: """
      Each kind is trained by its own settings and scored on the same test songs, once with songs divided by artist and \
      once with single frames divided at random, 8 : 1 : 1. The second is there only to reproduce published tables: \
      neighbouring frames are near copies, so that the test is in the training.

      Embeddings are computed once and kept in a cache. Ctrl-C ends the trainings that run and leaves out the others.
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var training: TrainingOptions

  @OptionGroup var progress: ProgressOptions

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      Interruption.catchSignals()
      let workshop = try Workshop(data, training, nil, progress)
      let material = try await workshop.load()
      // Fine-tuning is for MusiCNN alone.
      let patches =
        training.embedding ?? .musiCNN == .musiCNN
        ? try await workshop.loadPatches(for: material, inSequence: false) : nil
      let comparison = Comparison(material: material, patches: patches, seed: training.seed, epochs: training.epochs)
      let results = try await comparison.run(progress) { Interruption.isRequested }
      let report = ComparisonReport(results, material: material)
      Console.writeOutput(json ? try report.json + "\n" : report.lines.joined(separator: "\n") + "\n")
    }
  }
}
