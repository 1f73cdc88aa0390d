internal import Glibc
internal import Platform

/// Hands the newest message to a thread that is not always ready for one. An older one that still waits is lost.
package final class Mailbox<Message: Sendable>: Sendable {
  private let state = Locked(State())
  /// Readable while there is something to take, or the box is closed.
  let descriptor: Int32
  private let signalDescriptor: Int32

  private struct State {
    var message: Message?
    var isClosed = false
    /// Whether a byte lies in the pipe.
    var isSignalled = false
  }

  package init() {
    var ends: [Int32] = [-1, -1]
    // `SystemLimits` keeps descriptors for all outputs.
    guard pipe(&ends) == 0 else { fatalError("no descriptor is left: \(String(cString: strerror(errno)))") }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    (descriptor, signalDescriptor) = (ends[0], ends[1])
  }

  deinit {
    Glibc.close(descriptor)
    Glibc.close(signalDescriptor)
  }

  /// Whether an older message was lost by it.
  package func put(_ message: Message) -> Bool {
    state.withValue { state in
      defer { state.message = message }
      signal(&state)
      return state.message != nil
    }
  }

  /// Nothing follows; what waits can still be taken.
  package func close() {
    state.withValue {
      $0.isClosed = true
      signal(&$0)
    }
  }

  package var isClosed: Bool { state.withValue { $0.isClosed } }

  /// The message that waits; nil if there is none.
  package func take() -> Message? {
    state.withValue { state in
      defer { state.message = nil }
      // A closed box stays readable.
      guard state.isSignalled, !state.isClosed else { return state.message }
      var byte: UInt8 = 0
      _ = read(descriptor, &byte, 1)
      state.isSignalled = false
      return state.message
    }
  }

  /// Waits until there is something to take, the box is closed, or so many seconds are over.
  package func wait(_ seconds: Double) { Readiness.wait(input: descriptor, seconds: seconds) }

  private func signal(_ state: inout State) {
    guard !state.isSignalled else { return }
    var byte: UInt8 = 0
    _ = write(signalDescriptor, &byte, 1)
    state.isSignalled = true
  }
}
