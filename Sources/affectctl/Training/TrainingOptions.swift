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
    name: [.customLong("input"), .customLong("embedding")],
    help: ArgumentHelp(
      "What the model hears: \(EmbeddingChoice.allNames.joined(separator: ", ")), or several with + in between; or "
        + "table:FILE.csv, features that another program computed. (default: musicnn)", valueName: "name"),
    completion: .list(EmbeddingChoice.allNames), transform: TrainingInput.read)
  var input: TrainingInput?

  @Option(
    help: ArgumentHelp("Weights of the embedding network, a safetensors file.", valueName: "file"), completion: .file())
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Seconds by which listeners lag behind the music, 0 to 10, or auto: what does best with ridge regression on "
        + "validation songs.", valueName: "seconds"))
  var labelShift = LabelShift.seconds(0)

  @Option(
    help: ArgumentHelp(
      "How much the label of a song counts that has one for the whole song only, 0 to 1.",
      valueName: "weight"))
  var staticWeight: Float = 0.5

  @Option(help: ArgumentHelp("Number from which all chance comes.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Train at most so many epochs. (default: the kind's own)", valueName: "count"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Folder of the embeddings that are kept. (default: ~/.cache/affectd/embeddings)", valueName: "folder"),
    completion: .directory)
  var cache: String?

  @Flag(help: "Neither read nor keep embeddings.")
  var noCache = false

  func validate() throws {
    guard (0...1).contains(staticWeight) else {
      throw ValidationError("--static-weight: expected a number from 0 to 1")
    }
    guard epochs.map({ TrainingSettings.epochCounts.contains($0) }) ?? true else {
      throw ValidationError("--epochs: expected a number from 1 to \(TrainingSettings.epochCounts.upperBound)")
    }
  }
}

/// What is asked for as `--label-shift`.
enum LabelShift: ExpressibleByArgument, Sendable {
  case automatic
  case seconds(Double)

  var defaultValueDescription: String {
    switch self {
    case .automatic: "auto"
    case .seconds(let seconds): "\(seconds)"
    }
  }

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
      "Folder with labelled music: DEAM, PMEmo or 4QAED as published, folders Q1 to Q4, or a folder with audio/ and the "
        + "tables of your own.",
      valueName: "data"), completion: .directory)
  var data: String

  @Option(
    help: ArgumentHelp(
      "How the folder is laid out. (default: what it looks like)", valueName: "layout"))
  var layout: DataSetLayout?

  @Option(
    help: ArgumentHelp(
      "Leave out the songs whose number is this or higher, such as 2001: DEAM's whole songs.", valueName: "number"))
  var idsBelow: Int?

  @Option(
    help: ArgumentHelp(
      "Take the artists of one part alone, such as 1/5. To which part an artist belongs depends on the name alone.",
      valueName: "part/parts"))
  var artists: ArtistPart?

  @Option(help: ArgumentHelp("Leave out the artists of one part, such as 1/5.", valueName: "part/parts"))
  var withoutArtists: ArtistPart?

  @Flag(help: "Print what was odd about each song, not only how many songs were.")
  var verbose = false

  /// Reads the folder and tells the person what was odd.
  func read() throws -> DataSet {
    let set = try DataSetReader.read(data, only: layout)
    report(set.notes)
    let songs = set.songs.filter { song in
      guard idsBelow.map({ limit in Int(song.identifier).map { $0 < limit } ?? true }) ?? true else { return false }
      return artists?.contains(song) != false && withoutArtists?.contains(song) != true
    }
    return DataSet(name: set.name, songs: songs, notes: set.notes)
  }

  /// Reads another folder, but for the artists that are left out.
  func readWhole(_ path: String) throws -> DataSet {
    let set = try DataSetReader.read(path)
    report(set.notes)
    return DataSet(
      name: set.name, songs: set.songs.filter { withoutArtists?.contains($0) != true }, notes: set.notes)
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

/// One of several parts into which artists are divided, the same ones in every data set.
struct ArtistPart: ExpressibleByArgument, Sendable {
  private let number: Int
  private let count: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/").map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], (2...100).contains(count),
      (1...count).contains(number)
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  func contains(_ song: LabelledSong) -> Bool { song.artistPart(of: count) == number }
}

extension EmotionModelKind: ExpressibleByArgument {}
extension SplitProtocol: ExpressibleByArgument {}
extension DataSetLayout: ExpressibleByArgument {}

extension EmotionModelKind {
  /// What a model is called in a table.
  func name(isFineTuned: Bool) -> String { rawValue + (isFineTuned ? ", fine-tuned" : "") }
}
