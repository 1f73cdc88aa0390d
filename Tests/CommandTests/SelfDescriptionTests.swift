import Affect
import Foundation
import NeuralNetwork
import ShippedModels
import TestSupport
import Testing

/// What the programs say of themselves: version, help, and the completions of the shells.
@Suite(.timeLimit(.minutes(5))) struct SelfDescriptionTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  @Test(arguments: ["affectd", "affectctl"])
  func versionNamesModelsLicencesAndInstructionSet(_ program: String) throws {
    let result = try Program.run(program, ["--version"], environment: ["AFFECTD_KERNELS": "portable"])
    #expect(result.status == 0)
    #expect(result.lines.first == "\(program) \(Version.number), Apache-2.0")
    #expect(result.lines.contains { $0.hasPrefix("embedding: MusiCNN") && $0.contains("ISC") })
    let card = try SafetensorsFile(path: ShippedModel.emotion.locate()).metadata
    let name = try #require(card["name"])
    #expect(result.lines.contains { $0.hasPrefix("emotion model: \(name), ") && $0.hasSuffix("Apache-2.0") })
    #expect(result.lines.last == "instruction set: portable")
  }

  /// The help of every command. A page made elsewhere must not name the home in which it was made.
  @Test(arguments: ["affectd", "affectctl"])
  func helpGivesADefaultOnceAndNoHome(_ program: String) throws {
    let home = "/home/somebody-else"
    let result = try Program.run(
      program, ["--experimental-dump-help"], environment: ["HOME": home, "XDG_CACHE_HOME": nil])
    #expect(!result.output.contains(home))
    let description = try JSONDecoder().decode(Description.self, from: Data(result.output.utf8))
    let arguments = description.command.allArguments
    #expect(arguments.count > 15)
    for argument in arguments where argument.defaultValue != nil {
      #expect(argument.abstract?.contains("(default") != true, "\(argument)")
    }
  }

  private struct Description: Decodable {
    struct Command: Decodable {
      let arguments: [Argument]?
      let subcommands: [Command]?

      var allArguments: [Argument] { (arguments ?? []) + (subcommands ?? []).flatMap(\.allArguments) }
    }

    struct Argument: Decodable {
      let abstract: String?
      let defaultValue: String?
    }

    let command: Command
  }

  private static let path = "\(Program.directory):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"

  private func completions(for shell: String, of program: String, in file: String) throws -> String {
    let script = try Program.run(program, ["--generate-completion-script", shell])
    #expect(script.status == 0)
    try script.output.write(toFile: directory.file(file), atomically: true, encoding: .utf8)
    return directory.file(file)
  }

  /// The terminal in which a shell completes what is typed.
  private func expectsCompletions(in shell: String, after setUp: String) throws {
    let terminal = try TmuxTerminal(shell, width: 200, height: 24, environment: ["PATH": Self.path, "PS1": "> "])
    try terminal.type(setUp + "; clear; echo ready")
    try terminal.press("Enter")
    func lastRow(_ rows: [String]) -> String { rows.last { !$0.isEmpty } ?? "" }
    _ = try terminal.wait { $0.contains("ready") && lastRow($0) != "ready" }
    for (typed, completed) in [
      ("affectctl mon", "monitor"), ("; affectctl train --model ml", "--model mlp"),
      ("; affectctl analyze so", "analyze song.wav"), ("; affectd --smoothing ada", "--smoothing adaptive"),
    ] {
      try terminal.type(typed)
      try terminal.press("Tab")
      let rows = try terminal.wait { lastRow($0).contains(completed) }
      #expect(lastRow(rows).contains(completed))
    }
  }

  @Test func bashCompletesCommandsValuesAndFiles() throws {
    let scripts = try ["affectd", "affectctl"].map { "source " + (try completions(for: "bash", of: $0, in: $0)) }
    try Data().write(to: URL(filePath: directory.file("song.wav")))
    try expectsCompletions(
      in: "bash --norc --noprofile", after: "cd \(directory.path); \(scripts.joined(separator: "; "))")
  }

  @Test func zshCompletesCommandsValuesAndFiles() throws {
    for program in ["affectd", "affectctl"] { _ = try completions(for: "zsh", of: program, in: "_\(program)") }
    try Data().write(to: URL(filePath: directory.file("song.wav")))
    try expectsCompletions(
      in: "zsh -f",
      after: "cd \(directory.path); fpath=(\(directory.path) $fpath); autoload -U compinit; compinit -u -D")
  }

  @Test func fishCompletesCommandsValuesAndFiles() throws {
    let scripts = try ["affectd", "affectctl"].map { "source " + (try completions(for: "fish", of: $0, in: $0)) }
    try Data().write(to: URL(filePath: directory.file("song.wav")))
    let questions = ["affectctl mon", "affectctl train --model ml", "affectctl analyze so", "affectd --smoothing ada"]
    let script = (["cd \(directory.path)"] + scripts + questions.map { "complete -C '\($0)'" }).joined(separator: "; ")
    let result = try Program.run(
      "/usr/bin/fish", ["--no-config", "-c", script], environment: ["PATH": Self.path, "HOME": directory.path])
    // The word, and after a tab what it means.
    let words = result.lines.map { String($0.prefix { $0 != "\t" }) }
    #expect(words == ["monitor", "mlp", "song.wav", "adaptive"])
  }
}
