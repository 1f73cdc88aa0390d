internal import Affect
package import Platform

/// Sends control changes through the ALSA sequencer, on a thread of its own: opening it reads files.
package final class MIDISender: OutputSender {
  package let destination: MIDIDestination
  private var fader: LossFader
  private var rate: TickRate
  private var before: UnitValues?
  private let mailbox = Mailbox<MIDIValues>()
  private let health: ThreadHealth
  /// Whether the thread has ended.
  private let hasEnded = Locked(false)

  package init(_ destination: MIDIDestination, replacing old: MIDISender?, _ surroundings: OutputSurroundings) {
    self.destination = destination
    fader = LossFader(
      destination.onLoss, replacing: old?.fader, inputIsMissing: surroundings.inputIsMissing)
    rate = TickRate(destination.rate)
    health = ThreadHealth("MIDI", surroundings)
    let loop = MIDILoop(destination: destination, mailbox: mailbox, health: health, hasEnded: hasEnded)
    startThread(name: "midi") { loop.run() }
  }

  package var status: OutputStatus { health.status(destination.name, host: destination.connect ?? destination.client) }

  package func send(_ tick: PublishedTick) {
    guard let affect = fader.apply(tick.estimate), rate.isDue(tick.estimate) else { return }
    let values = UnitValues(tick.estimate, affect: affect, after: before)
    before = values
    if mailbox.put(MIDIValues(values: values, palette: tick.palette)) { health.dropped() }
  }

  package func renew() {}

  package var ending: Locked<Bool>? { hasEnded }

  package func close(replacedBy next: MIDISender?) { mailbox.close() }
}

/// What controllers follow.
struct MIDIValues: Sendable {
  let values: UnitValues
  let palette: MoodPalette
}

/// What the thread does.
private struct MIDILoop: Sendable {
  let destination: MIDIDestination
  let mailbox: Mailbox<MIDIValues>
  let health: ThreadHealth
  let hasEnded: Locked<Bool>

  /// Seconds between two looks at a sequencer or port that is not there.
  private static let patience = 5.0

  func run() {
    defer { hasEnded.withValue { $0 = true } }
    var sequencer: ALSASequencer?
    var encoder = MIDIEncoder(destination)
    var nextLook = -Double.infinity
    while true {
      let isLast = mailbox.isClosed
      let now = SystemClock().now
      if now >= nextLook, !isLast {
        nextLook = now + Self.patience
        do throws(Failure) {
          if sequencer == nil {
            sequencer = try ALSASequencer(client: destination.client)
            encoder = MIDIEncoder(destination)
          }
          // Who is new knows nothing of what was told before.
          if let port = destination.connect, try sequencer?.connect(to: port) == true {
            encoder = MIDIEncoder(destination)
          }
          health.worked(0)
        } catch {
          health.failed(error.description)
        }
      }
      if let message = mailbox.take() { send(message, &encoder, sequencer) }
      guard !isLast else { return }
      mailbox.wait(max(0, nextLook - SystemClock().now))
    }
  }

  private func send(_ message: MIDIValues, _ encoder: inout MIDIEncoder, _ sequencer: ALSASequencer?) {
    guard let sequencer else { return health.dropped() }
    for message in encoder.messages(message.values, message.palette) {
      if sequencer.send(message) { health.worked() } else { health.dropped() }
    }
  }
}
