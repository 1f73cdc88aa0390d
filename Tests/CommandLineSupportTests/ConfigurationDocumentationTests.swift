import Affect
import CommandLineSupport
import Foundation
import Publishing
import Testing

/// That what is written about the settings, and what the daemon says of them, is true.
@Suite struct ConfigurationDocumentationTests {
  /// A line of a file with its comment sign taken away, if it is a setting or the head of a table.
  private func uncommented(_ line: Substring, prefix: String) -> Substring? {
    guard line.hasPrefix(prefix) else { return nil }
    let rest = line.dropFirst(prefix.count)
    return rest.starts(with: /[a-z_]+ = |\[[a-z.]+\]$/) ? rest : nil
  }

  /// `etc/affectd.toml` with the shown defaults, or the examples too, as settings.
  private func shippedFile(withExamples: Bool) throws -> String {
    let lines = try Repository.text(of: "etc/affectd.toml").split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line in
      uncommented(line, prefix: "#") ?? (withExamples ? uncommented(line, prefix: "#   ") : nil) ?? line
    }.joined(separator: "\n")
  }

  /// The keys that a document sets, in the form of ``ConfigurationKeys``.
  private func keys(in document: String) -> Set<String> {
    var table = ""
    var keys: Set<String> = []
    for line in document.split(separator: "\n") {
      if let match = line.wholeMatch(of: /\[([a-z.]+)\]/) {
        let parts = match.1.split(separator: ".")
        table = parts.count == 2 ? "\(parts[0]).NAME" : String(match.1)
      } else if let match = line.prefixMatch(of: /([a-z_]+) =/) {
        keys.insert("\(table).\(match.1)")
      }
    }
    return keys
  }

  @Test func theShippedFileChangesNothing() throws {
    #expect(try Configuration.parsed(try Repository.text(of: "etc/affectd.toml")) == Configuration())
  }

  @Test func theDefaultsInTheShippedFileAreTheBuiltInOnes() throws {
    let document = try shippedFile(withExamples: false)
    #expect(try Configuration.parsed(document) == Configuration())
    // Whatever has a default is among them.
    let object = try ConfigurationKeys.object(Configuration())
    let withDefault = object.flatMap { section, settings in
      settings.flatMap { name, value in
        let destination = (value as? [String: Any])?.filter { !($0.value is NSNull) }.map { "osc.NAME.\($0.key)" }
        return section == "osc" && destination != nil
          ? destination ?? [] : value is NSNull ? [] : ["\(section).\(name)"]
      }
    }
    #expect(keys(in: document) == Set(withDefault))
  }

  @Test func theShippedFileShowsEverySettingAndItsExamplesAreRight() throws {
    let document = try shippedFile(withExamples: true)
    let configuration = try Configuration.parsed(document)
    #expect(configuration.osc.map(\.name) == ["desk", "local", "resolume", "touchdesigner"])
    #expect(configuration.osc.first?.onLoss == .fallback(Affect(valence: 0, arousal: -0.6)))
    #expect(configuration.dmx.map(\.name) == ["stage"] && configuration.wled.map(\.name) == ["shelf"])
    #expect(keys(in: document) == Set(try ConfigurationKeys.all()))
  }

  /// The keys of docs/configuration.md, and whether a reload changes them.
  private func documentedKeys() throws -> [(key: String, changesOnReload: Bool)] {
    try Repository.text(of: "docs/configuration.md").split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5, let key = cells[0].wholeMatch(of: /`([a-zA-Z_.]+)`/) else { return nil }
      #expect(["yes", "no"].contains(cells[4]), "\(line)")
      return (String(key.1), cells[4] == "yes")
    }
  }

  @Test func everySettingIsDocumentedOnce() throws {
    #expect(try documentedKeys().map(\.key).sorted() == ConfigurationKeys.all())
  }

  @Test func theDocumentedDefaultsAreTheBuiltInOnes() throws {
    for line in try Repository.text(of: "docs/configuration.md").split(separator: "\n") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5, let key = cells[0].wholeMatch(of: /`([a-zA-Z_.]+)`/)?.1,
        let value = cells[2].wholeMatch(of: /`([^`]+)`/)?.1
      else { continue }
      let document = ConfigurationKeys.document(String(key), String(value))
      #expect(try Configuration.parsed(document.with) == Configuration.parsed(document.without), "\(key)")
    }
  }

  @Test func whatNeedsARestartIsSaidAndDocumented() throws {
    // Each setting changed on its own.
    let documented = Dictionary(
      try documentedKeys().map { ($0.key, $0.changesOnReload) }, uniquingKeysWith: { first, _ in first })
    for sample in ConfigurationFileTests.samples {
      let unchanged = try sample.unchanged
      var changed = unchanged
      sample.change(&changed)
      let expected = documented[sample.key] == false ? [sample.key] : []
      #expect(changed.settingsThatNeedARestart(comparedTo: unchanged) == expected)
      #expect(unchanged.settingsThatNeedARestart(comparedTo: changed) == expected)
    }
    let atTheNextStart = Set(documented.filter { !$0.value }.keys)
    #expect(
      atTheNextStart == [
        "input.source", "input.channel", "input.wait", "input.demo_fallback", "tracking.hop", "tracking.priority",
        "embedding.name",
        "embedding.weights", "embedding.threads", "model.file", "output.show", "socket.path", "socket.clients",
        "web.enabled", "web.host", "web.port", "metrics.port",
      ])
  }

  @Test func theConfigurationIsShownAsNestedObjects() throws {
    let object = try ConfigurationKeys.object(
      try .parsed(
        """
        input.gain = -3
        tracking.dead_band = 0.1
        socket.on_loss = { valence = 0.1, arousal = -1 }
        [model]
        file = "/a \\"b\\""
        [osc.a]
        host = "10.0.0.1"
        port = 7000
        values = ["valence", "level"]
        addresses = { level = "/l" }
        range = [0, 0.7]
        """))
    #expect(object["input"]?["source"] as? String == "alsa:default")
    #expect(object["input"]?["gain"] as? Double == -3)
    #expect(object["input"]?["wait"] as? Bool == false)
    #expect(object["tracking"]?["dead_band"] as? Double == 0.1)
    #expect(object["embedding"]?["name"] as? String == "musicnn")
    #expect(object["embedding"]?["threads"] as? Int == 1)
    #expect(object["embedding"]?["weights"] is NSNull)
    #expect(object["model"]?["file"] as? String == "/a \"b\"")
    #expect(object["socket"]?["on_loss"] as? [String: Double] == ["valence": 0.1, "arousal": -1])
    #expect(object["control"]?["port"] is NSNull)
    #expect(object["osc"]?["enabled"] as? Bool == true)
    let destination = try #require(object["osc"]?["a"] as? [String: Any])
    #expect(destination["host"] as? String == "10.0.0.1")
    #expect(destination["port"] as? Int == 7000)
    #expect(destination["values"] as? [String] == ["valence", "level"])
    #expect(destination["addresses"] as? [String: String] == ["level": "/l"])
    #expect(destination["range"] as? [Double] == [0, 0.7])
    #expect(destination["rate"] is NSNull)
    #expect(destination["on_loss"] as? String == LossPolicy.standard.description)
  }

  @Test func theSectionsAreShownInTheOrderOfTheFile() throws {
    let file = try Repository.text(of: "etc/affectd.toml").split(separator: "\n").compactMap {
      $0.wholeMatch(of: /\[([a-z]+)\]/).map { String($0.1) }
    }
    let json = Configuration().json.object
    let positions = try file.map { try #require(json.range(of: "\"\($0)\":{")).lowerBound }
    #expect(positions.count == 17 && positions == positions.sorted())
  }
}
