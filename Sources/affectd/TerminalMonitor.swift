import Glibc
import Monitor
import Platform

/// The view of `affectctl monitor` in affectd's own terminal, on a thread of its own. The log waits until it ends.
struct TerminalMonitor: Sendable {
  private let state = Locked(State.running)

  private enum State {
    case running, ending, ended
  }

  /// - Parameter socket: affectd's own.
  init(socket: String) {
    ConsoleLogHandler.hold()
    startThread(name: "show") { [state] in
      if let session = MonitorSession(endsDaemon: true, locate: { socket }) {
        session.run(messages: ConsoleLogHandler.newLines) { state.withValue { $0 == .ending } }
      }
      ConsoleLogHandler.release()
      // Whoever leaves the view is done with affectd.
      let wasAsked = state.withValue { state in
        defer { state = .ended }
        return state == .ending
      }
      if !wasAsked { kill(getpid(), SIGTERM) }
    }
  }

  /// Gives the terminal back.
  func finish() {
    state.withValue { if $0 == .running { $0 = .ending } }
    state.withValue(when: { $0 == .ended }, within: 1, do: { _ in })
  }
}
