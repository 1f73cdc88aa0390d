internal import Affect
package import Platform

/// Tells an MQTT broker, on a thread of its own: to look a broker up, to connect and to make keys takes its time. While the
/// broker is away, it is tried again and again, and the ticks are lost but for the newest one.
package final class MQTTSender: OutputSender {
  package let destination: MQTTDestination
  private var fader: LossFader
  private var rate: TickRate
  private let messages: MQTTMessages
  private let mailbox = Mailbox<MQTTMessage>()
  private let health: ThreadHealth
  /// Whether the thread has ended.
  private let hasEnded = Locked(false)

  /// Seconds that a goodbye may take.
  static let goodbye = 0.5

  package init(_ destination: MQTTDestination, replacing old: MQTTSender?, _ surroundings: OutputSurroundings) {
    self.destination = destination
    fader = LossFader(
      destination.onLoss, replacing: old?.fader, inputIsMissing: surroundings.inputIsMissing)
    rate = TickRate(destination.rate)
    messages = MQTTMessages(destination)
    health = ThreadHealth("MQTT broker \(destination.endpoint)", surroundings)
    let loop = MQTTLoop(
      destination: destination, messages: messages, mailbox: mailbox, health: health, hasEnded: hasEnded,
      oldHasEnded: old?.hasEnded)
    startThread(name: "mqtt") { loop.run() }
  }

  package var status: OutputStatus { health.status(destination.name, host: destination.endpoint.description) }

  package func send(_ tick: PublishedTick) {
    let affect = fader.apply(tick.estimate)
    guard rate.isDue(tick.estimate) else { return }
    let line = AffectLine(
      tick.estimate.replacingSmoothed(affect), unixTime: tick.unixTime, color: affect.map(tick.palette.color))
    if mailbox.put(messages.state(line)) { health.dropped() }
  }

  package func renew() {}

  package func close(replacedBy next: MQTTSender?) { mailbox.close() }

  package var ending: Locked<Bool>? { hasEnded }
}

/// What the thread does.
private struct MQTTLoop: Sendable {
  let destination: MQTTDestination
  let messages: MQTTMessages
  let mailbox: Mailbox<MQTTMessage>
  let health: ThreadHealth
  let hasEnded: Locked<Bool>
  /// Of the one that told the same broker before, by other settings.
  let oldHasEnded: Locked<Bool>?

  /// Seconds to the next attempt after a failure; the time doubles with each further one up to the longest.
  private static let firstRetry = 1.0
  private static let longestRetry = 30.0
  /// Seconds after which a predecessor is not waited for any more.
  private static let predecessorTime = 2.0

  func run() {
    // Its goodbye comes before our greeting.
    oldHasEnded?.withValue(when: { $0 }, within: Self.predecessorTime, do: { _ in })
    var pending: MQTTMessage?
    var wait = Self.firstRetry
    while !mailbox.isClosed {
      do throws(Failure) {
        try session(&pending) { wait = Self.firstRetry }
      } catch {
        health.failed(error.description)
        pause(wait, &pending)
        wait = min(wait * 2, Self.longestRetry)
      }
    }
    hasEnded.withValue { $0 = true }
  }

  /// A connection, until it breaks or the box is closed.
  ///
  /// - Parameter onOpen: called when the broker has taken it.
  private func session(_ pending: inout MQTTMessage?, onOpen: () -> Void) throws(Failure) {
    let connection = try MQTTConnection(destination, will: messages.status(isOnline: false))
    // The way there may have taken long.
    guard !mailbox.isClosed else { return }
    while !connection.isOpen {
      try connection.turn(waitingFor: -1, seconds: 0.5)
      guard !mailbox.isClosed else { return }
    }
    onOpen()
    for message in messages.discovery { try connection.publish(message) }
    try connection.publish(messages.status(isOnline: true))
    while true {
      let isLast = mailbox.isClosed
      // What the broker does not take piles up in the box, where the newest one stays, not in the library.
      if !connection.isBusy || isLast, let message = mailbox.take() ?? pending {
        pending = nil
        try connection.publish(message)
        health.worked()
      }
      if isLast { break }
      let isBusy = connection.isBusy
      try connection.turn(waitingFor: isBusy ? -1 : mailbox.descriptor, seconds: isBusy ? 0.2 : 1)
    }
    try connection.publish(messages.status(isOnline: false))
    connection.close(within: MQTTSender.goodbye)
  }

  /// Waits, and keeps the newest message.
  private func pause(_ seconds: Double, _ pending: inout MQTTMessage?) {
    let end = SystemClock().now + seconds
    while !mailbox.isClosed {
      let rest = end - SystemClock().now
      guard rest > 0 else { return }
      mailbox.wait(rest)
      guard let message = mailbox.take() else { continue }
      if pending != nil { health.dropped() }
      pending = message
    }
  }
}
