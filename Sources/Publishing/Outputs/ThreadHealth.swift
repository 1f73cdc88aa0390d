internal import NIOCore
internal import Platform

/// How an output fares whose work is done on a thread of its own: counted there, read on the event loop. What does not
/// work is told once, and once that it works again.
final class ThreadHealth: Sendable {
  private let title: String
  private let loop: any EventLoop
  private let onRemark: @Sendable (PublishingRemark) -> Void
  private let state = Locked(State())

  private struct State {
    var outage = Outage()
    var sent = 0
    var dropped = 0
    var hasWorked = false
  }

  /// - Parameter title: what messages call the output.
  init(_ title: String, _ surroundings: OutputSurroundings) {
    self.title = title
    loop = surroundings.loop
    onRemark = surroundings.onRemark
  }

  func status(_ name: String, host: String) -> OutputStatus {
    state.withValue {
      OutputStatus(
        name: name, host: host, problem: $0.outage.reason, isUp: $0.hasWorked && $0.outage.reason == nil, sent: $0.sent,
        dropped: $0.dropped)
    }
  }

  /// So many messages went out; 0 if there was nothing to say, and it could have been said.
  func worked(_ count: Int = 1) {
    let change = state.withValue { state in
      state.sent += count
      state.hasWorked = true
      return state.outage.succeeded(now: SystemClock().now)
    }
    guard case .ended(let seconds, _) = change else { return }
    tell(.recovery("\(title): it works again after \(Int(seconds.rounded())) s"))
  }

  func failed(_ reason: String) {
    let change = state.withValue { $0.outage.failed(reason, now: SystemClock().now) }
    if case .began(let reason) = change { tell(.outage("\(title): \(reason); going on trying")) }
  }

  /// A message did not go out.
  func dropped() { state.withValue { $0.dropped += 1 } }

  private func tell(_ remark: PublishingRemark) {
    loop.execute { [onRemark] in onRemark(remark) }
  }
}
