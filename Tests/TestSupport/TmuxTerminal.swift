internal import Foundation

/// A terminal of a given size that a program runs in: tmux's, which says what can be seen on it.
public final class TmuxTerminal {
  private let changes: LineReader
  private let client: ChildProcess
  /// Kept open: at its end the client would leave.
  private let clientInput: OwnedPipe
  private let name = "affectd-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"

  /// - Parameters:
  ///   - command: for sh(1).
  ///   - environment: added to the test's.
  public init(_ command: String, width: Int, height: Int, environment: [String: String] = [:]) throws {
    let variables = environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    // The server's own language decides whether it takes UTF-8.
    let environment = ["LANG": "C.UTF-8", "LC_ALL": nil, "NO_COLOR": nil, "TMUX": nil] as [String: String?]
    let result = try Program.run(
      "/usr/bin/tmux",
      [
        "-u", "-L", name, "-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)",
        "env \(variables) sh -c '\(command)'", ";", "set-option", "-g", "remain-on-exit", "on", ";", "set-option", "-g",
        "window-size", "manual",
      ], environment: environment)
    guard result.status == 0 else { throw ChildProcess.Failure("tmux: \(result.errors)") }
    // A client in control mode is told of everything that is written on the screen.
    let output = try OwnedPipe()
    clientInput = try OwnedPipe()
    client = try Program.start(
      "/usr/bin/tmux", ["-u", "-L", name, "-C", "attach-session"], environment: environment, input: clientInput.reading,
      output: output.writing)
    output.closeWriting()
    changes = LineReader(descriptor: output.reading, keeping: output)
  }

  deinit { _ = try? tmux("kill-server") }

  private func tmux(_ arguments: String...) throws -> String {
    try Program.run("/usr/bin/tmux", ["-u", "-L", name] + arguments).output
  }

  /// The rows, without trailing spaces.
  public func rows() throws -> [String] {
    try tmux("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The screen with the escape sequences of its colours.
  public func colored() throws -> String { try tmux("capture-pane", "-p", "-e") }

  /// Presses keys, as tmux(1) names them.
  public func press(_ keys: String...) throws { for key in keys { _ = try tmux("send-keys", key) } }

  /// Types text as it stands.
  public func type(_ text: String) throws { _ = try tmux("send-keys", "-l", text) }

  public func resize(width: Int, height: Int) throws {
    _ = try tmux("resize-window", "-x", "\(width)", "-y", "\(height)")
  }

  /// A format of tmux(1), such as `#{alternate_on}`.
  public func format(_ text: String) throws -> String {
    try tmux("display-message", "-p", text).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Looks at the screen as often as something is written on it, until it is as wanted. Returns the last one, wanted or
  /// not.
  public func wait(until isWanted: ([String]) -> Bool) throws -> [String] {
    while true {
      let rows = try rows()
      if isWanted(rows) { return rows }
      guard try changes.next() != nil else { return rows }
    }
  }
}
