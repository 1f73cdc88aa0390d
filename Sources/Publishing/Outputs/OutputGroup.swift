internal import Platform

/// The outputs of all kinds.
struct Outputs {
  let osc = OutputGroup<OSCSender>(.osc)
  let dmx = OutputGroup<DMXSender>(.dmx)
  let wled = OutputGroup<WLEDSender>(.wled)
  let mqtt = OutputGroup<MQTTSender>(.mqtt)
  let midi = OutputGroup<MIDISender>(.midi)

  /// In the order in which they are sent to.
  var all: [any OutputsOfOneKind] { [osc, dmx, wled, midi, mqtt] }

  func use(_ settings: Publisher.Settings, _ surroundings: OutputSurroundings) {
    osc.use(settings.osc, surroundings)
    dmx.use(settings.dmx, surroundings)
    wled.use(settings.wled, surroundings)
    mqtt.use(settings.mqtt.map { [$0] } ?? [], surroundings)
    midi.use(settings.midi.map { [$0] } ?? [], surroundings)
  }
}

/// A kind of output. The raw value is its name in the configuration, in the state and in the metrics.
public enum OutputKind: String, Sendable, CaseIterable {
  case osc, dmx, wled, midi, mqtt

  /// As messages speak of it.
  public var title: String { self == .wled ? "WLED" : rawValue.uppercased() }
}

/// The outputs of one kind, whichever that is.
protocol OutputsOfOneKind: AnyObject {
  var kind: OutputKind { get }
  var statuses: [OutputStatus] { get }
  func send(_ tick: PublishedTick)
  func close()
  /// Become true when everything is told.
  var endings: [Locked<Bool>] { get }
}

/// The outputs of one kind.
final class OutputGroup<Sender: OutputSender>: OutputsOfOneKind {
  let kind: OutputKind
  private var senders: [Sender] = []

  init(_ kind: OutputKind) {
    self.kind = kind
  }

  var statuses: [OutputStatus] { senders.map(\.status) }

  /// Goes over to other destinations. One that stays as it was goes on as it was.
  func use(_ destinations: [Sender.Destination], _ surroundings: OutputSurroundings) {
    let before = senders
    senders = destinations.map { destination in
      if let sender = before.first(where: { $0.destination == destination }) {
        sender.renew()
        return sender
      }
      return Sender(destination, replacing: before.first { $0.destination.name == destination.name }, surroundings)
    }
    for old in before where !senders.contains(where: { $0 === old }) {
      old.close(replacedBy: senders.first { $0.destination.name == old.destination.name })
    }
  }

  func send(_ tick: PublishedTick) {
    for sender in senders { sender.send(tick) }
  }

  func close() {
    for sender in senders { sender.close(replacedBy: nil) }
  }

  var endings: [Locked<Bool>] { senders.compactMap(\.ending) }
}
