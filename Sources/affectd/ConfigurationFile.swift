import Affect
import AudioInput
import CommandLineSupport
import Embedding
import Glibc
import Publishing
import TOMLKit
import Tracking

/// Reads the configuration file (TOML 1.0).
enum ConfigurationFile {
  /// More is no configuration.
  private static let sizeLimit = 1 << 20

  /// The file that is read when none is named: the user's, else the system's, nil if neither is there.
  static var standardPath: String? {
    var candidates = ["/etc/affectd/affectd.toml"]
    if let home = getenv("XDG_CONFIG_HOME"), home.pointee != 0 {
      candidates.insert("\(String(cString: home))/affectd/affectd.toml", at: 0)
    } else if let home = getenv("HOME"), home.pointee != 0 {
      candidates.insert("\(String(cString: home))/.config/affectd/affectd.toml", at: 0)
    }
    return candidates.first { access($0, F_OK) == 0 }
  }

  /// Every key and how its value is taken over.
  private static let keys: [String: @Sendable (inout Configuration, Value) throws -> Void] = [
    "input.source": { configuration, value in
      do {
        try configuration.setInput(value.string())
      } catch let error as AudioInputError {
        throw Problem(error.description)
      }
    },
    "input.channel": {
      $0.pipeline.channel = try $1.parse("average, left, right or a channel number") { ChannelSelection($0) }
    },
    "tracking.hop": { $0.pipeline.hop = try $1.hop() },
    "tracking.smoothing": {
      $0.pipeline.smoothing = try $1.parse("one-euro, none or exponential:SECONDS") { Smoothing($0) }
    },
    "embedding.name": {
      $0.pipeline.embedding = try $1.parse("one of \(EmbeddingChoice.allNames.joined(separator: ", "))") {
        EmbeddingChoice(name: $0)
      }
    },
    "embedding.weights": { $0.pipeline.weights = try $1.string() },
    "embedding.threads": { $0.pipeline.threads = try $1.threads() },
    "model.file": { $0.pipeline.model = try $1.string() },
    "socket.path": { $0.socket = try $1.string() },
    "osc.destinations": {
      $0.osc = try $1.strings().map { text in
        guard let destination = OSCDestination(text) else { throw Problem("'\(text)' is not HOST:PORT") }
        return destination
      }
    },
  ]

  /// Reads the file at `path` over the defaults.
  ///
  /// - Throws: ``ProgramFailure`` that names the file and the key, or the line of a syntax error.
  static func read(_ path: String) throws(ProgramFailure) -> Configuration {
    let table: TOMLTable
    do {
      table = try TOMLTable(string: try text(of: path))
    } catch let error as TOMLParseError {
      throw ProgramFailure(
        .configuration, "\(path), line \(error.source.begin.line): \(error.description)")
    } catch {
      throw ProgramFailure(error)
    }
    var configuration = Configuration()
    for (section, content) in table {
      guard let content = content.table else { throw unknown(section, path) }
      for (name, value) in content {
        let key = "\(section).\(name)"
        guard let apply = keys[key] else { throw unknown(key, path) }
        do {
          try apply(&configuration, Value(value))
        } catch let problem as Problem {
          throw ProgramFailure(.configuration, "\(path): \(key): \(problem.description)")
        } catch {
          throw ProgramFailure(error)
        }
      }
    }
    return configuration
  }

  private static func unknown(_ key: String, _ path: String) -> ProgramFailure {
    ProgramFailure(
      .configuration,
      "\(path): the setting '\(key)' is not known; there are \(keys.keys.sorted().joined(separator: ", "))")
  }

  private static func text(of path: String) throws(ProgramFailure) -> String {
    guard let file = fopen(path, "re") else {
      throw ProgramFailure(.configuration, "\(path): cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: sizeLimit + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw ProgramFailure(.configuration, "\(path): cannot be read") }
    guard count <= sizeLimit else {
      throw ProgramFailure(.configuration, "\(path): is larger than \(sizeLimit) bytes, that is no configuration")
    }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw ProgramFailure(.configuration, "\(path): is not UTF-8")
    }
    return text
  }

  /// What is wrong with a value.
  private struct Problem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// A value, taken as the type that a key wants.
  private struct Value {
    private let value: any TOMLValueConvertible

    init(_ value: any TOMLValueConvertible) {
      self.value = value
    }

    func string() throws -> String {
      guard let string = value.string else { throw Problem("expected a text in quotes, found \(value.type)") }
      return string
    }

    func strings() throws -> [String] {
      guard let array = value.array else { throw Problem("expected a list of texts, found \(value.type)") }
      return try array.map { try Value($0).string() }
    }

    func parse<Result>(_ expected: String, _ convert: (String) -> Result?) throws -> Result {
      let text = try string()
      guard let result = convert(text) else { throw Problem("expected \(expected), found '\(text)'") }
      return result
    }

    func threads() throws -> Int {
      let range = PipelineSettings.threadCounts
      guard let count = value.int else { throw Problem("expected a whole number, found \(value.type)") }
      guard range.contains(count) else {
        throw Problem("expected \(range.lowerBound) to \(range.upperBound), found \(count)")
      }
      return count
    }

    func hop() throws -> Hop {
      guard let seconds = value.double ?? value.int.map(Double.init) else {
        throw Problem("expected a number of seconds, found \(value.type)")
      }
      guard let hop = Hop(seconds: seconds) else {
        throw Problem("expected \(Hop.range.lowerBound) to \(Hop.range.upperBound) seconds, found \(seconds)")
      }
      return hop
    }
  }
}
