import Affect
import ArgumentParser
import CommandLineSupport
import Embedding
import Training

/// How labelled music becomes something to train on.
struct TrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The embedding network: \(EmbeddingChoice.allNames.joined(separator: ", ")). (default: musicnn)",
      valueName: "name"))
  var embedding: EmbeddingChoice?

  @Option(help: ArgumentHelp("Weights of the embedding network, a safetensors file.", valueName: "file"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Seconds by which listeners lag behind the music, 0 to 10, or auto: what does best with ridge regression on "
        + "validation songs. (default: 0)", valueName: "seconds"))
  var labelShift = LabelShift.seconds(0)

  @Option(
    help: ArgumentHelp(
      "How much the label of a song counts that has one for the whole song only, 0 to 1. (default: 0.5)",
      valueName: "weight"))
  var staticWeight: Float = 0.5

  @Option(help: ArgumentHelp("Number from which all chance comes.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Train at most so many epochs. (default: the kind's own)", valueName: "count"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Folder of the embeddings that are kept. (default: \(EmbeddingCache.standardRoot))", valueName: "folder"))
  var cache: String?

  @Flag(help: "Neither read nor keep embeddings.")
  var noCache = false

  func validate() throws {
    guard (0...1).contains(staticWeight) else {
      throw ValidationError("--static-weight: expected a number from 0 to 1")
    }
    guard epochs.map({ Recipe.epochCounts.contains($0) }) ?? true else {
      throw ValidationError("--epochs: expected a number from 1 to \(Recipe.epochCounts.upperBound)")
    }
  }

  var pipeline: PipelineSettings {
    var settings = PipelineSettings()
    if let embedding { settings.embedding = embedding }
    settings.weights = weights
    return settings
  }
}

/// What is asked for as `--label-shift`.
enum LabelShift: ExpressibleByArgument, Sendable {
  case automatic
  case seconds(Double)

  init?(argument: String) {
    if argument == "auto" {
      self = .automatic
    } else if let seconds = Double(argument), (0...10).contains(seconds) {
      self = .seconds(seconds)
    } else {
      return nil
    }
  }
}
