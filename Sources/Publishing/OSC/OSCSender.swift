internal import Affect
internal import NIOCore

/// Sends ticks over UDP to one destination. It has a socket of its own, so that no destination feels the trouble of
/// another one. A packet that the system does not take is lost and counted; the next one is tried all the same.
///
/// Everything here runs on the event loop.
final class OSCSender {
  struct Counters: Sendable, Equatable {
    var sent = 0
    /// Packets that the system did not take, or for which there was no address.
    var dropped = 0
  }

  var destination: OSCDestination { encoder.destination }
  private(set) var counters = Counters()

  private var encoder: OSCTickEncoder
  private let host: HostAddress
  private let loop: any EventLoop
  private let onRemark: (PublishingRemark) -> Void
  private var socket: UDPSocket?
  /// The address that the socket was opened for.
  private var socketAddress: SocketAddress?
  private var outage = Outage()
  private var toldProblem: String?

  /// - Parameters:
  ///   - inputIsMissing: whether the device is lost at the moment.
  ///   - replacing: who has sent to the same destination, by other settings, until now.
  init(
    _ destination: OSCDestination, inputIsMissing: Bool, replacing old: OSCSender? = nil, loop: any EventLoop,
    lookUp: HostLookUp, onRemark: @escaping (PublishingRemark) -> Void
  ) {
    self.loop = loop
    self.onRemark = onRemark
    if let old, old.destination.endpoint == destination.endpoint {
      encoder = OSCTickEncoder(destination, replacing: old.encoder)
      host = old.host
      outage = old.outage
      toldProblem = old.toldProblem
    } else {
      encoder = OSCTickEncoder(destination, inputIsMissing: inputIsMissing)
      host = HostAddress(destination.endpoint, loop: loop, lookUp: lookUp)
    }
    host.onChange = { [unowned self] in reportHost() }
    // A new one may have failed already, one that was taken over is looked up anew.
    if old?.host === host { host.renew() } else { reportHost() }
  }

  /// Whether the last packet went out.
  var isUp: Bool { outage.reason == nil && host.address != nil }

  /// What is wrong, if something is.
  var problem: String? { host.address == nil ? host.problem : outage.reason ?? host.problem }

  /// The address in numbers, with the port; nil if none is known.
  var address: String? {
    host.address.map { OSCEndpoint(host: $0.ipAddress ?? "", port: $0.port ?? 0).description }
  }

  /// Looks up the host anew.
  func renewAddress() { host.renew() }

  /// Ends the looking-up; `next` takes the host's address over if it sends to the same one.
  func close(replacedBy next: OSCSender? = nil) {
    if next?.host !== host { host.close() }
  }

  func send(_ estimate: AffectEstimate, unixTime: Double, palette: MoodPalette) {
    for packet in encoder.packets(estimate, unixTime: unixTime, palette: palette) { send(packet) }
  }

  private func send(_ packet: [UInt8]) {
    guard let address = host.address else {
      counters.dropped += 1
      return
    }
    let now = loop.now.seconds
    let error = attempt(packet, address)
    guard let error else {
      counters.sent += 1
      return report(outage.succeeded(now: now))
    }
    counters.dropped += 1
    // The buffers are full for a moment.
    guard !error.isCongestion else { return }
    // Perhaps it is elsewhere, or the interface is another one.
    host.doubt()
    report(outage.failed("\(error)", now: now))
  }

  private func attempt(_ packet: [UInt8], _ address: SocketAddress) -> ErrorNumber? {
    do throws(ErrorNumber) {
      if socket == nil || socketAddress != address {
        socket = try UDPSocket(sendingTo: address)
        socketAddress = address
      }
    } catch {
      return error
    }
    return socket?.send(packet, to: address)
  }

  private func report(_ change: Outage.Change?) {
    let name = "OSC destination \(destination.name)"
    switch change {
    case nil: break
    case .began(let reason):
      onRemark(.outage("\(name): nothing can be sent to \(address ?? ""): \(reason); going on trying"))
    case .ended(let seconds, let lost):
      onRemark(
        .recovery(
          "\(name): packets go out again after \(Int(seconds.rounded())) s, in which \(lost) were lost"))
    }
  }

  /// Says once that a host has no address, and once that it has one after all.
  private func reportHost() {
    let name = "OSC destination \(destination.name)"
    guard host.address == nil, let problem = host.problem else {
      if toldProblem != nil, let address {
        onRemark(.recovery("\(name): the host '\(destination.endpoint.host)' has the address \(address) now"))
      }
      toldProblem = nil
      return
    }
    if toldProblem == nil { onRemark(.outage("\(name): \(problem); going on trying")) }
    toldProblem = problem
  }
}

extension NIODeadline {
  /// Seconds of the event loop's clock.
  var seconds: Double { Double(uptimeNanoseconds) * 1e-9 }
}
