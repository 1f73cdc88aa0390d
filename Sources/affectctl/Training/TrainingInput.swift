import ArgumentParser
import CommandLineSupport
import Embedding
import FoundationEssentials
import Training

/// What a model is trained to hear: audio, or a table of features of the songs.
enum TrainingInput: Sendable, Equatable {
  case audio(EmbeddingChoice)
  /// The path of the table.
  case table(String)

  static let tablePrefix = "table:"

  /// Reads the option's value.
  static func read(_ argument: String) throws -> TrainingInput {
    guard argument.hasPrefix(tablePrefix) else { return .audio(try EmbeddingChoice.read(argument)) }
    let path = String(argument.dropFirst(tablePrefix.count))
    guard !path.isEmpty else { throw ValidationError("expected a file after '\(tablePrefix)'") }
    return .table(path)
  }

  /// As a person writes it.
  var name: String {
    switch self {
    case .audio(let choice): choice.name
    case .table(let path): Self.tablePrefix + path
    }
  }

  /// Where the table lies; one that is not there may lie in the folder of the data.
  static func tablePath(_ path: String, data: String) -> String {
    let inside = "\(data)/\(path)"
    return !FileManager.default.fileExists(atPath: path) && FileManager.default.fileExists(atPath: inside)
      ? inside : path
  }
}
