import CommandLineSupport
import Foundation
import Publishing
import Testing

/// The keys of the settings, as the configuration itself lists them.
enum ConfigurationKeys {
  /// Every key, those of destinations with NAME in the place of the name.
  static func all() throws -> [String] {
    let object = try object(Configuration())
    return object.flatMap { section, settings in
      settings.flatMap { name, value in
        guard section == "osc", let destination = value as? [String: Any] else { return ["\(section).\(name)"] }
        return destination.keys.map { "osc.NAME.\($0)" }
      }
    }.sorted()
  }

  static func object(_ configuration: Configuration) throws -> [String: [String: Any]] {
    let data = Data(configuration.json.object.utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
  }
}

/// Files of the repository.
enum Repository {
  static func text(of path: String) throws -> String {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try String(contentsOfFile: "/\(root)/\(path)", encoding: .utf8)
  }
}

extension Configuration {
  /// The configuration that `text` is.
  static func parsed(_ text: String) throws -> Configuration {
    try ConfigurationFile.parse(text: text, path: "a.toml")
  }
}
