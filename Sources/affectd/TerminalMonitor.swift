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
  /// - Returns: nil where there is no terminal that could show it.
  init?(socket: String) {
    // What was logged before is to stand on the terminal, not in the view.
    ConsoleLogHandler.hold()
    // The view is made where it is used; whether that can be is known when this returns.
    let isShown = Locked<Bool?>(nil)
    startThread(name: "show") { [state] in
      guard let session = MonitorSession(endsDaemon: true, locate: { socket }) else {
        return isShown.withValue { $0 = false }
      }
      isShown.withValue { $0 = true }
      session.run(messages: ConsoleLogHandler.newLines) { state.withValue { $0 == .ending } }
      ConsoleLogHandler.release()
      // Whoever leaves the view is done with affectd.
      let wasAsked = state.withValue { state in
        defer { state = .ended }
        return state == .ending
      }
      if !wasAsked { kill(getpid(), SIGTERM) }
    }
    guard isShown.withValue(when: { $0 != nil }, do: { $0 }) == true else {
      ConsoleLogHandler.release()
      return nil
    }
  }

  /// Gives the terminal back.
  func finish() {
    state.withValue { if $0 == .running { $0 = .ending } }
    state.withValue(when: { $0 == .ended }, within: 1, do: { _ in })
  }
}
