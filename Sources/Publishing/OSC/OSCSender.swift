internal import Affect

/// Sends ticks over OSC to one destination.
///
/// Everything here runs on the event loop.
package final class OSCSender: OutputSender {
  package var destination: OSCDestination { encoder.destination }
  private var encoder: OSCTickEncoder
  private let packets: PacketSender

  package init(_ destination: OSCDestination, replacing old: OSCSender?, _ surroundings: OutputSurroundings) {
    packets = .reusing(old?.packets, "OSC destination \(destination.name)", destination.endpoint, surroundings)
    if let old, old.packets === packets {
      encoder = OSCTickEncoder(destination, replacing: old.encoder)
    } else {
      encoder = OSCTickEncoder(destination, inputIsMissing: surroundings.inputIsMissing)
    }
  }

  package var status: OutputStatus { packets.status(destination.name) }

  package func renew() { packets.renewAddress() }

  package func close(replacedBy next: OSCSender?) {
    if next?.packets !== packets { packets.close() }
  }

  package func send(_ tick: PublishedTick) {
    for packet in encoder.packets(tick.estimate, unixTime: tick.unixTime, palette: tick.palette) {
      packets.send(packet)
    }
  }
}
