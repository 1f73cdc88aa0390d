import CommandLineSupport
import Foundation
import Publishing
import Testing

/// The keys of the settings, as the configuration itself lists them.
enum ConfigurationKeys {
  /// Every key, those of destinations with NAME in the place of the name.
  static func all() throws -> [String] {
    // One destination of each kind, so that its settings are shown.
    let configuration = try Configuration.parsed(heads.values.joined(separator: "\n"))
    return try object(configuration).flatMap { section, settings in
      settings.flatMap { name, value in
        guard heads[section] != nil, let destination = value as? [String: Any] else { return ["\(section).\(name)"] }
        return destination.keys.map { "\(section).NAME.\($0)" }
      }
    }.sorted()
  }

  /// What a destination needs at least, by its kind. That of OSC is the one that is there by default.
  static let heads = [
    "osc": "[osc.local]\nhost = \"127.0.0.1\"\nport = 9000\n",
    "dmx": "[dmx.a]\nprotocol = \"sacn\"\nuniverse = 1\nchannels = { 1 = \"valence\" }\n",
    "wled": "[wled.a]\nhost = \"127.0.0.1\"\n",
  ]

  /// A document that sets `key`, of a destination or not, and the same document without it.
  static func document(_ key: String, _ value: String) -> (with: String, without: String) {
    let parts = key.split(separator: ".").map(String.init)
    guard parts.count == 3, let head = heads[parts[0]] else { return ("\(key) = \(value)", "") }
    let others = head.split(separator: "\n").filter { !$0.hasPrefix("\(parts[2]) =") }.joined(separator: "\n")
    return ("\(others)\n\(parts[2]) = \(value)", head)
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
