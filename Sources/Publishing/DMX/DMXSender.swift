internal import Affect

/// Sends a universe over sACN or Art-Net.
///
/// Everything here runs on the event loop.
package final class DMXSender: OutputSender {
  package let destination: DMXDestination
  private let packets: PacketSender
  private let lamps: LampSender<DMXProtocol>

  package init(_ destination: DMXDestination, replacing old: DMXSender?, _ surroundings: OutputSurroundings) {
    self.destination = destination
    packets = .reusing(
      old?.packets, "DMX output \(destination.name)", destination.endpoint, interface: destination.interface,
      surroundings)
    let isSame = old?.packets === packets && old?.destination.universe == destination.universe
    lamps = LampSender(
      DMXProtocol(destination, surroundings.component, sequence: isSame ? old?.lamps.coder.sequence ?? 0 : 0),
      packets, rate: destination.rate, onLoss: destination.onLoss, replacing: old?.lamps, surroundings)
  }

  package var status: OutputStatus { packets.status(destination.name) }

  package func send(_ tick: PublishedTick) { lamps.send(tick) }

  package func renew() { packets.renewAddress() }

  package func close(replacedBy next: DMXSender?) {
    let isReplaced = next?.packets === packets && next?.destination.universe == destination.universe
    lamps.close(isReplaced: isReplaced)
    if next?.packets !== packets { packets.close() }
  }
}

/// How a universe is told.
struct DMXProtocol: LampProtocol {
  private let destination: DMXDestination
  private let component: ComponentIdentifier
  /// Of the last packet.
  private(set) var sequence: UInt8

  /// A receiver may miss one (E1.31-2018, section 6.2.6).
  static let lastPacketCount = 3

  init(_ destination: DMXDestination, _ component: ComponentIdentifier, sequence: UInt8 = 0) {
    self.destination = destination
    self.component = component
    self.sequence = sequence
  }

  func frame(_ values: UnitValues, _ palette: MoodPalette) -> [UInt8] { destination.frame(values, palette) }

  mutating func packets(_ frame: [UInt8]) -> [[UInt8]] { [packet(frame, isLast: false)] }

  /// Art-Net has no such thing; its receivers hold the frame.
  mutating func lastPackets(_ frame: [UInt8]) -> [[UInt8]] {
    switch destination.networkProtocol {
    case .sacn:
      // The levels of those that tell the end are passed over: what the lamps are to keep comes before them.
      (0..<2 * Self.lastPacketCount).map { packet(frame, isLast: $0 >= Self.lastPacketCount) }
    case .artnet: [packet(frame, isLast: true)]
    }
  }

  private mutating func packet(_ frame: [UInt8], isLast: Bool) -> [UInt8] {
    sequence &+= 1
    switch destination.networkProtocol {
    case .sacn:
      let packet = SACNPacket(
        component: component, sourceName: "affectd \(destination.name)", priority: UInt8(destination.priority),
        universe: UInt16(destination.universe))
      return packet.encoded(frame, sequence: sequence, isLast: isLast)
    case .artnet:
      if sequence == 0 { sequence = 1 }
      return ArtNetPacket(universe: UInt16(destination.universe)).encoded(frame, sequence: sequence)
    }
  }
}
