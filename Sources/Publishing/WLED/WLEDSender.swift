internal import Affect
internal import NIOCore
package import Platform

/// Shows the mood's colour on a lamp with WLED.
///
/// Everything here runs on the event loop.
package final class WLEDSender: OutputSender {
  package let destination: WLEDDestination
  private let way: Way

  private enum Way {
    case udp(LampSender<WLEDRealtime>)
    case json(WLEDRequests)
  }

  package init(_ destination: WLEDDestination, replacing old: WLEDSender?, _ surroundings: OutputSurroundings) {
    self.destination = destination
    let rate = destination.rate ?? destination.mode.rate
    switch destination.mode {
    case .udp:
      let packets = PacketSender.reusing(
        old?.lamps?.packets, "WLED lamp \(destination.name)", destination.endpoint, surroundings)
      way = .udp(
        LampSender(
          WLEDRealtime(destination: destination), packets, rate: rate, onLoss: destination.onLoss,
          replacing: old?.lamps, surroundings))
    case .json:
      way = .json(WLEDRequests(destination, rate: rate, replacing: old?.requests, surroundings))
    }
  }

  private var lamps: LampSender<WLEDRealtime>? { if case .udp(let lamps) = way { lamps } else { nil } }

  private var requests: WLEDRequests? { if case .json(let requests) = way { requests } else { nil } }

  package var ending: Locked<Bool>? { requests?.hasEnded }

  package var status: OutputStatus {
    switch way {
    case .udp(let lamps): lamps.packets.status(destination.name)
    case .json(let requests): requests.status
    }
  }

  package func send(_ tick: PublishedTick) {
    switch way {
    case .udp(let lamps): lamps.send(tick)
    case .json(let requests): requests.send(tick)
    }
  }

  package func renew() {
    switch way {
    case .udp(let lamps): lamps.packets.renewAddress()
    case .json(let requests): requests.renew()
    }
  }

  package func close(replacedBy next: WLEDSender?) {
    switch way {
    case .udp(let lamps):
      let isReplaced = next?.lamps?.packets === lamps.packets
      lamps.close(isReplaced: isReplaced)
      if !isReplaced { lamps.packets.close() }
    case .json(let requests): requests.close(isReplaced: next?.requests != nil)
    }
  }
}
