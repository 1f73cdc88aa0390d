import Foundation
import TestSupport
import Testing

/// `affectctl monitor` and `affectd --show` on terminals of several sizes and kinds.
@Suite(.timeLimit(.minutes(5))) struct MonitorTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func daemon(_ directory: TemporaryDirectory? = nil) throws -> Daemon {
    try Daemon(["--input", "demo", "--hop", "0.1"], directory: directory ?? self.directory)
  }

  /// The monitor, and what is left of the terminal behind it in the file `after`.
  private func monitor(
    width: Int = 80, height: Int = 24, environment: [String: String] = [:], _ arguments: String? = nil
  ) throws -> TmuxTerminal {
    let program = arguments ?? "affectctl monitor --socket \(directory.file("affectd.sock"))"
    let run = "echo $$ > \(directory.file("pid")); exec \(Program.directory)/\(program)"
    return try TmuxTerminal(
      "echo before; sh -c \"\(run.replacing("$", with: "\\$"))\"; stty -a > \(directory.file("stty")); echo after",
      width: width, height: height, environment: ["LANG": "C.UTF-8"].merging(environment) { $1 })
  }

  /// Whether the terminal is as it was before: its modes, its cursor, and what was on it.
  ///
  /// - Parameter keepsRows: whether what was written before is still there.
  private func isClean(_ terminal: TmuxTerminal, keepsRows: Bool = true) throws -> Bool {
    let rows = try terminal.wait { $0.contains("after") }
    let modes = try String(contentsOfFile: directory.file("stty"), encoding: .utf8)
    return try (!keepsRows || rows.first == "before") && rows.contains("after")
      && modes.contains(" icanon") && modes.contains(" echo ") && !modes.contains("-icanon")
      && terminal.format("#{alternate_on}#{cursor_flag}") == "01"
  }

  @Test(
    arguments: [(80, 24), (120, 40), (40, 12)],
    [["TERM": "tmux-256color"], ["TERM": "xterm"], ["TERM": "vt100"], ["NO_COLOR": "1"], ["LANG": "C", "LC_ALL": "C"]])
  func itFitsAnyTerminal(_ size: (width: Int, height: Int), _ environment: [String: String]) throws {
    let daemon = try daemon()
    let terminal = try monitor(width: size.width, height: size.height, environment: environment)
    let isReady = { (rows: [String]) in rows.contains { $0.contains("arousal +") || $0.contains("arousal -0.") } }
    let rows = try terminal.wait(until: isReady)
    try #require(isReady(rows), "\(rows)")
    #expect(rows[0].contains("affectd") && rows[0].contains("tracking"))
    #expect(rows.contains { $0.contains("dBFS") } && rows.allSatisfy { $0.count <= size.width })
    #expect(rows.contains { $0.contains("? help") })
    let hasColor = try terminal.colored().contains(/\u{1B}\[[0-9;]*(38;5|3[1-6]m)/)
    #expect(hasColor == (environment["NO_COLOR"] == nil && environment["TERM"] != "vt100"))
    if environment["LANG"] == "C" { #expect(rows.allSatisfy { $0.allSatisfy(\.isASCII) }) }
    try terminal.press("q")
    // A VT100 has one screen.
    #expect(try isClean(terminal, keepsRows: environment["TERM"] != "vt100"))
    withExtendedLifetime(daemon) {}
  }

  @Test func itShowsWhatTheSocketSays() throws {
    let daemon = try daemon()
    let client = try SocketClient(daemon.socket)
    _ = try client.next { $0["valence"] != nil }
    let terminal = try monitor()
    _ = try terminal.wait { $0[0].contains("tracking") }
    try terminal.press("f")
    let rows = try terminal.wait { $0[0].contains("FROZEN") }
    #expect(rows.last { !$0.isEmpty }?.contains("the values are frozen") == true, "\(rows)")
    let line = try #require(try client.next { $0["frozen"] as? Bool == true })
    let value = try #require(line["valence"] as? Double)
    let text = String(format: "%+.2f", value)
    #expect(rows.contains { $0.contains("valence \(text)") }, "\(text) in \(rows)")
    try terminal.press("f")
    #expect(try client.next { $0["seq"] != nil && $0["frozen"] == nil } != nil)
  }

  @Test func keysControlIt() throws {
    let daemon = try daemon()
    let client = try SocketClient(daemon.socket)
    let terminal = try monitor()
    _ = try terminal.wait { $0[0].contains("demo") }
    try terminal.press("m")
    _ = try terminal.wait { $0.contains { $0.contains("mark: _") } }
    try terminal.type("söloq")
    try terminal.press("BSpace", "Enter")
    #expect(try client.next { $0["type"] as? String == "mark" }?["label"] as? String == "sölo")
    #expect(try terminal.wait { $0.contains { $0.contains("marks: sölo") } }.contains { $0.contains("marks: sölo") })
    try terminal.press("p")
    #expect(try terminal.wait { $0[0].contains("PAUSED") }[0].contains("PAUSED"))
    try terminal.press("r")
    #expect(try terminal.wait { !$0[0].contains("PAUSED") }[0].contains("PAUSED") == false)
    try terminal.press("?")
    #expect(
      try terminal.wait { $0.contains { $0.contains("put a mark into") } }.contains { $0.contains("put a mark into") })
    try terminal.press("x")
    // A mark that was begun is not sent.
    try terminal.press("m", "y", "Escape")
    #expect(try terminal.wait { $0.contains { $0.contains("f freeze") } }.contains { $0.contains("f freeze") })
    try terminal.resize(width: 50, height: 14)
    #expect(try terminal.wait { $0[0].count <= 50 && $0[0].contains("tracking") }[0].count <= 50)
    try terminal.resize(width: 12, height: 3)
    try terminal.resize(width: 100, height: 30)
    #expect(try terminal.wait { $0[0].count > 90 }[0].contains("demo"))
    try terminal.press("q")
    // What was written before lies above three rows.
    #expect(try isClean(terminal, keepsRows: false))
  }

  @Test func itWaitsForAffectdAndFindsItAgain() throws {
    let terminal = try monitor()
    let rows = try terminal.wait { $0.contains { $0.contains("affectd is not running") } }
    #expect(rows.contains { $0.contains("systemctl --user start affectd") })
    for _ in 0..<2 {
      let daemon = try daemon()
      #expect(try terminal.wait { $0[0].contains("demo") }[0].contains("demo"))
      daemon.signal(SIGKILL)
      _ = try daemon.waitForEnd()
      let rows = try terminal.wait { $0.contains { $0.contains("affectd is not running") } }
      #expect(rows.contains { $0.contains("affectd is not running") })
    }
    try terminal.press("q")
    #expect(try isClean(terminal))
  }

  @Test func oneThatHangsIsNotShownAsAlive() throws {
    let daemon = try daemon()
    let terminal = try monitor()
    _ = try terminal.wait { $0[0].contains("tracking") }
    daemon.signal(SIGSTOP)
    let rows = try terminal.wait { $0.contains { $0.contains("affectd does not answer") } }
    #expect(rows.contains { $0.contains("affectd does not answer") } && !rows.contains { $0.contains("valence") })
    daemon.signal(SIGCONT)
    #expect(try terminal.wait { $0[0].contains("tracking") }[0].contains("tracking"))
    try terminal.press("q")
    #expect(try isClean(terminal))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGTRAP])
  func whateverEndsItTheTerminalIsClean(_ signal: Int32) throws {
    let terminal = try monitor(environment: ["SWIFT_BACKTRACE": "enable=no"])
    _ = try terminal.wait { $0.contains { $0.contains("affectd is not running") } }
    let text = try String(contentsOfFile: directory.file("pid"), encoding: .utf8)
    let process = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    kill(process, signal)
    #expect(try isClean(terminal))
  }

  @Test func affectdShowsTheSame() throws {
    let terminal = try monitor(
      "affectd --show --input demo --hop 0.1 --osc 127.0.0.1:9 --socket \(directory.file("affectd.sock"))")
    // A line of the log stands there for some seconds.
    let rows = try terminal.wait { $0[0].contains("tracking") && $0.contains { $0.contains("q end") } }
    #expect(rows[0].contains("demo") && rows.contains { $0.contains("q end") }, "\(rows)")
    try terminal.press("q")
    // It ends, and what it logged meanwhile comes behind.
    let after = try terminal.wait { $0.contains("after") }
    #expect(after.contains { $0.hasPrefix("affectd: OSC to 127.0.0.1:9") }, "\(after)")
    #expect(try isClean(terminal))
    #expect(access(directory.file("affectd.sock"), F_OK) != 0)
  }

  /// Where no cursor can be placed there are lines, as in a pipe.
  @Test func aTerminalThatCanDoNothingGetsLines() throws {
    let socket = directory.file("affectd.sock")
    let terminal = try monitor(
      environment: ["TERM": "dumb"], "affectd --show --input demo --hop 0.1 --socket \(socket)")
    let rows = try terminal.wait { $0.contains { $0.contains("valence ") } }
    #expect(rows.contains { $0.contains("arousal ") }, "\(rows)")
    let text = try String(contentsOfFile: directory.file("pid"), encoding: .utf8)
    let process = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    let tool = try self.monitor(environment: ["TERM": "dumb"])
    #expect(try tool.wait { $0.contains { $0.contains(#""type":"#) } }.contains { $0.contains(#""type":"#) })
    kill(process, SIGTERM)
    #expect(try terminal.wait { $0.contains { $0.hasSuffix("after") } }.contains { $0.hasSuffix("after") })
  }

  @Test func affectdThatIsEndedTwiceLeavesTheTerminalClean() throws {
    let terminal = try monitor("affectd --show --input demo --socket \(directory.file("affectd.sock"))")
    _ = try terminal.wait { $0[0].contains("demo") }
    let text = try String(contentsOfFile: directory.file("pid"), encoding: .utf8)
    let process = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    for signal in [SIGSTOP, SIGTERM, SIGINT, SIGCONT] { kill(process, signal) }
    #expect(try isClean(terminal))
  }
}
