internal import Affect
internal import CScreen
internal import Glibc
public import Platform
internal import Publishing

/// Shows a running affectd on the terminal until the person leaves, and goes on looking for one that is not there.
public final class MonitorSession {
  private let locate: () throws -> String
  private let clock: any Clock
  private let screen: TerminalScreen
  private let view: MonitorView
  private var state = MonitorState()
  private var around = MonitorView.Surroundings()
  private var connection: LineConnection?
  private var lastAttempt = -Double.infinity
  private var lastPoll = -Double.infinity
  private var lastHeard = -Double.infinity
  /// When the message of the last row goes.
  private var messageEnd = 0.0
  private var lastFrame = -Double.infinity
  /// Of the mark that is being typed.
  private var label: LabelEntry?

  /// Seconds between two attempts to connect.
  private static let retry = 1.0
  /// Seconds between two looks at state and statistics.
  private static let pollInterval = 2.0
  /// Seconds without anything, after which affectd does not answer.
  private static let longestSilence = 5.0
  /// Seconds between two frames: at least, whatever comes, and at most, even if nothing does.
  private static let shortestFrame = 0.04
  private static let longestFrame = 0.5
  /// Milliseconds that nothing is waited for longer than.
  private static let patience: Int32 = 100
  /// Seconds that a message stays.
  private static let messageTime = 5.0

  /// Takes the terminal over.
  ///
  /// - Parameters:
  ///   - endsDaemon: whether affectd ends with it.
  ///   - locate: says where affectd's socket is.
  /// - Returns: nil where there is no terminal that could show it: see ``isPossible``.
  public init?(clock: any Clock = SystemClock(), endsDaemon: Bool = false, locate: @escaping () throws -> String) {
    guard Self.isPossible, let screen = TerminalScreen() else { return nil }
    self.locate = locate
    self.clock = clock
    self.screen = screen
    view = MonitorView(characters: screen.characters, endsDaemon: endsDaemon)
  }

  /// Whether standard input and output are a terminal, and this program is in its foreground.
  public static var isPossible: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp()
  }

  /// Leaves the terminal as it was found, for a signal handler that ends the program.
  public static func restoreTerminal() { affectd_screen_restore() }

  /// Goes on until somebody presses q, the terminal is closed, or `shouldEnd`, which is looked at ten times a
  /// second.
  ///
  /// - Parameter messages: gives what is to be told on the last row, since it was asked last.
  public func run(messages: () -> [String] = { [] }, shouldEnd: () -> Bool = { false }) {
    defer { screen.end() }
    draw(isWhole: true)
    while !shouldEnd() {
      connectIfDue()
      askIfDue()
      for text in messages() { tell(text) }
      var requests = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
      if let connection { requests.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)) }
      let count = poll(&requests, nfds_t(requests.count), Self.patience)
      // A terminal that is gone gives no more keys.
      if count > 0, requests[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return }
      var hasNews = clock.now - lastFrame >= Self.longestFrame
      if count > 0, requests.count > 1, requests[1].revents != 0 {
        receive()
        hasNews = clock.now - lastFrame >= Self.shortestFrame
      }
      let (keys, isResized) = screen.keys()
      for key in keys where !press(key) { return }
      if around.message != nil && clock.now >= messageEnd { around.message = nil }
      if hasNews || isResized || !keys.isEmpty { draw(isWhole: isResized) }
    }
  }

  // MARK: - affectd

  private func connectIfDue() {
    guard connection == nil, clock.now - lastAttempt >= Self.retry else { return }
    lastAttempt = clock.now
    do {
      let path = try locate()
      do { connection = try LineConnection(path: path) } catch {
        throw Failure(.unavailable, "socket \(path): \(error)")
      }
      state = MonitorState()
      lastPoll = -.infinity
      lastHeard = clock.now
      around.missing = nil
    } catch {
      around.missing = ("\(error)", around.missing?.since ?? clock.now)
    }
  }

  private func askIfDue() {
    guard let connection, clock.now - lastPoll >= Self.pollInterval else { return }
    lastPoll = clock.now
    connection.send("get_state", id: "state")
    connection.send("get_stats", id: "stats")
  }

  private func receive() {
    guard let lines = connection?.receive() else {
      connection = nil
      // At once: a daemon that is restarted is back in a moment.
      lastAttempt = clock.now
      around.missing = ("affectd has closed the connection", clock.now)
      (around.message, label) = (nil, nil)
      return
    }
    if !lines.isEmpty { lastHeard = clock.now }
    for line in lines {
      if state.take(line: line) { continue }
      guard let reply = JSONValue(line), let id = reply["id"]?.string else { continue }
      if let problem = reply["error"]?["message"]?.string {
        tell(problem)
      } else if let result = reply["result"] {
        switch id {
        case "state": state.take(state: result)
        case "stats": state.take(stats: result)
        default:
          tell(id)
          // What is in effect now.
          connection?.send("get_state", id: "state")
        }
      }
    }
  }

  private func tell(_ message: String) {
    around.message = message
    messageEnd = clock.now + Self.messageTime
  }

  // MARK: - Keys

  /// - Returns: false for the key that ends it.
  private func press(_ key: TerminalScreen.Key) -> Bool {
    if label != nil {
      type(key)
      return true
    }
    if around.showsHelp {
      around.showsHelp = false
      return true
    }
    guard case .byte(let byte) = key else { return true }
    switch UInt8(ascii: " ")...UInt8(ascii: "~") ~= byte ? Character(Unicode.Scalar(byte)).lowercased() : "" {
    case "q": return false
    case "?", "h": around.showsHelp = true
    case "f":
      state.latest?.isFrozen == true ? send("resume", "the values go on") : send("freeze", "the values are frozen")
    case "p": state.isPaused ? send("resume", "publishing goes on") : send("pause", "publishing is paused")
    case "r": send("resume", "no pause, no freeze")
    case "m": if connection != nil { label = LabelEntry() }
    default: break
    }
    return true
  }

  private func type(_ key: TerminalScreen.Key) {
    guard var entry = label else { return }
    label = nil
    switch key {
    case .escape: return
    case .enter:
      var parameters = JSONLine()
      parameters.add("label", entry.text)
      return send("mark", entry.text.isEmpty ? "marked" : "marked: \(entry.text)", parameters)
    case .backspace: entry.removeLast()
    case .byte(let byte): entry.take(byte)
    }
    label = entry
  }

  private func send(_ method: String, _ answer: String, _ parameters: JSONLine? = nil) {
    guard let connection else { return tell("affectd is not running") }
    connection.send(method, id: answer, parameters)
  }

  private func draw(isWhole: Bool) {
    around.now = clock.now
    around.markText = label?.text
    around.silentSince = connection != nil && clock.now - lastHeard > Self.longestSilence ? lastHeard : nil
    lastFrame = clock.now
    let size = screen.size
    screen.show(view.draw(state, around, width: size.width, height: size.height), isWhole: isWhole)
  }
}
