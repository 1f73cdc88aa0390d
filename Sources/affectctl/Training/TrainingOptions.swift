import Affect
public import ArgumentParser
import CommandLineSupport
import Embedding
public import EmotionModel
import Glibc
public import Training

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

/// Labelled music, as the commands that train and judge models take it.
struct DataOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Folder with labelled music: DEAM or PMEmo as published, or a folder with audio/ and the tables of your own.",
      valueName: "data"))
  var data: String

  @Option(
    help: ArgumentHelp(
      "How the folder is laid out: \(DataSetLayout.allCases.map(\.rawValue).joined(separator: ", ")). (default: what it "
        + "looks like)", valueName: "layout"))
  var layout: DataSetLayout?

  @Option(
    help: ArgumentHelp(
      "Leave out the songs whose number is this or higher, such as 2001: DEAM's whole songs.", valueName: "number"))
  var idsBelow: Int?

  @Flag(help: "Print what was odd about each song, not only how many songs were.")
  var verbose = false

  /// Reads the folder and tells the person what was odd.
  func read() throws -> DataSet {
    let set = try DataSetReader.read(data, only: layout)
    report(set.notes)
    guard let idsBelow else { return set }
    return DataSet(
      name: set.name, songs: set.songs.filter { Int($0.identifier).map { $0 < idsBelow } ?? true }, notes: set.notes)
  }

  /// Of many notes on single songs the first ones are shown.
  func report(_ notes: [DataSetNote]) {
    let shown = verbose ? notes.count : 10
    for note in notes.prefix(shown) { Console.warn("affectctl", note.description) }
    if notes.count > shown {
      Console.warn("affectctl", "… and \(notes.count - shown) notes more: --verbose prints them all")
    }
  }
}

extension EmotionModelKind: ExpressibleByArgument {}
extension SplitProtocol: ExpressibleByArgument {}
extension DataSetLayout: ExpressibleByArgument {}

extension EmotionModelKind {
  /// What a model is called in a table.
  func name(isFineTuned: Bool) -> String { rawValue + (isFineTuned ? ", fine-tuned" : "") }
}
