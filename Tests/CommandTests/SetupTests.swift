import Affect
import Foundation
import Publishing
import TestSupport
import Testing
import affectctl

/// `affectctl setup`, on a terminal from nothing to moving values, and by options.
@Suite(.timeLimit(.minutes(5))) struct SetupTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func card() throws -> TestCard {
    let card = try TestCard()
    let music = TestSignal.music(seconds: 5, rate: 48_000)
    try card.add(playing: music.bytesS16, format: "S16_LE", channels: 1, rate: 48_000)
    return card
  }

  @Test func fromNothingToMovingValuesAtAReceiver() throws {
    let card = try card()
    let receiver = try PacketReceiver()
    let file = directory.file("config/affectd.toml")
    let terminal = try TmuxTerminal(
      "\(Program.directory)/affectctl setup --out \(file)", width: 100, height: 30,
      environment: card.environment.merging(["LANG": "C.UTF-8"]) { $1 })
    func wait(_ text: String) throws {
      let rows = try terminal.wait { $0.contains { $0.contains(text) } }
      #expect(rows.contains { $0.contains(text) }, "\(text) not in \(rows)")
    }
    try wait("1  alsa:testcard  48000 Hz, 1 channel  Test card")
    try wait("Which one?")
    // What cannot be is asked again.
    try terminal.type("7")
    try terminal.press("Enter")
    try wait("there is no number 7")
    try terminal.press("Enter")
    // The meter moves, and says what it heard.
    try wait("dBFS, loudest")
    try terminal.press("Enter")
    try wait("dBFS: good")
    try wait("A value every how many seconds?")
    try terminal.type("0.1")
    try terminal.press("Enter")
    try wait("Where do the values go by OSC?")
    try terminal.type("127.0.0.1:\(receiver.port)")
    try terminal.press("Enter")
    // The pattern moves at the receiver.
    var packets: Set<[UInt8]> = []
    while packets.count < 5 { packets.insert(try #require(receiver.next())) }
    try terminal.press("Enter")
    try wait("Did it arrive?")
    try terminal.press("Enter")
    try wait("affectd.toml: written")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(
      text
        == SetupFile(
          input: "alsa:testcard", hop: try #require(Hop(seconds: 0.1)),
          osc: HostEndpoint(host: "127.0.0.1", port: receiver.port)
        ).text)

    // And affectd does what was chosen.
    while receiver.hasNext { _ = receiver.next() }
    let daemon = try Daemon(["--config", file], environment: card.environment.mapValues { $0 })
    let client = try SocketClient(daemon.socket)
    #expect(try client.next()?["input"] as? String == "alsa:testcard")
    #expect(try client.next { $0["valence"] != nil } != nil)
    #expect(receiver.next() != nil)
  }

  @Test func optionsDoTheSameWithoutATerminal() throws {
    let file = directory.file("options.toml")
    let result = try Program.run(
      "affectctl", ["setup", "--input", "alsa:hw:CARD=USB", "--hop", "0.05", "--osc", "desk.local:8000", "--out", file])
    #expect(result.status == 0 && result.output.contains("\(file): written"), "\(result.errors)")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(
      text
        == SetupFile(
          input: "alsa:hw:CARD=USB", hop: try #require(Hop(seconds: 0.05)),
          osc: HostEndpoint(host: "desk.local", port: 8000)
        ).text)
    // What is there stays, unless it is said.
    let again = try Program.run("affectctl", ["setup", "--input", "demo", "--no-osc", "--out", file])
    #expect(again.status == 73 && again.errors.contains("is there already"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    let replaced = try Program.run("affectctl", ["setup", "--input", "demo", "--no-osc", "--replace", "--out", file])
    #expect(replaced.status == 0)
    #expect(try Program.run("affectd", ["--check", "--config", file]).status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("enabled = false"))
  }

  @Test func levelAndPatternCanBeAskedForWithoutATerminal() throws {
    let card = try card()
    let receiver = try PacketReceiver()
    let file = directory.file("tried.toml")
    let result = try Program.run(
      "affectctl",
      [
        "setup", "--input", "alsa:testcard", "--listen", "0.5", "--osc", "127.0.0.1:\(receiver.port)", "--pattern",
        "0.5",
        "--out", file,
      ], environment: card.environment.mapValues { $0 })
    #expect(result.status == 0 && result.output.contains("dBFS: good"), "\(result)")
    #expect(receiver.hasNext && access(file, F_OK) == 0)
    let gone = try Program.run(
      "affectctl", ["setup", "--input", "alsa:nowhere", "--listen", "1", "--out", file, "--replace"])
    #expect(gone.status == 66 && gone.errors.contains("alsa:nowhere"))
    #expect(try Program.run("affectctl", ["setup", "--input", "demo", "--listen", "-1", "--out", file]).status == 64)
  }

  @Test func theUsersOwnFileIsWritten() throws {
    let result = try Program.run(
      "affectctl", ["setup", "--input", "demo"], environment: ["XDG_CONFIG_HOME": directory.file("home/config")])
    #expect(result.status == 0, "\(result.errors)")
    let text = try String(contentsOfFile: directory.file("home/config/affectd/affectd.toml"), encoding: .utf8)
    #expect(text == SetupFile(input: "demo", hop: .standard, osc: OSCDestination.standard.endpoint).text)
  }

  @Test func withoutATerminalItHasToBeTold() throws {
    let file = directory.file("none.toml")
    let result = try Program.run("affectctl", ["setup", "--out", file])
    #expect(result.status == 64 && result.errors.contains("--input"))
    let wrong = try Program.run("affectctl", ["setup", "--input", "radio", "--out", file])
    #expect(wrong.status == 64 && wrong.errors.contains("radio"))
    #expect(access(file, F_OK) != 0)
    #expect(try Program.run("affectctl", ["setup", "--osc", "a:1", "--no-osc", "--out", file]).status == 64)
  }

  /// Names with quotes and backslashes are names.
  @Test(arguments: ["file:/tmp/a \"b\".wav", "alsa:plug:\\x", "file:ü.flac"])
  func whateverIsChosenIsReadBack(_ input: String) throws {
    let file = directory.file("odd.toml")
    let result = try Program.run("affectctl", ["setup", "--input", input, "--no-osc", "--replace", "--out", file])
    #expect(result.status == 0, "\(result.errors)")
  }
}
