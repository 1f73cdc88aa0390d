internal import Glibc
internal import NIOCore

/// Sends packets over UDP to one host. It has a socket of its own. A packet that the system does not take is lost and
/// counted; the next one is tried all the same. What does not work is told once, and once that it works again.
///
/// Everything here runs on the event loop.
final class PacketSender {
  /// What messages call the receiver.
  let title: String
  let endpoint: HostEndpoint
  /// The address of this machine from which multicast goes out, in numbers; nil for the system's choice.
  let interface: String?
  private(set) var sent = 0
  /// Packets that the system did not take, or for which there was no address.
  private(set) var dropped = 0

  private let host: HostAddress
  private let loop: any EventLoop
  private let onRemark: (PublishingRemark) -> Void
  private var socket: UDPSocket?
  /// The address that the socket was opened for.
  private var socketAddress: SocketAddress?
  private var outage = Outage()
  private var toldProblem: String?

  init(_ title: String, _ endpoint: HostEndpoint, interface: String? = nil, _ surroundings: OutputSurroundings) {
    self.title = title
    self.endpoint = endpoint
    self.interface = interface
    loop = surroundings.loop
    onRemark = surroundings.onRemark
    host = HostAddress(endpoint, loop: loop, lookUp: surroundings.lookUp)
    host.onChange = { [unowned self] in reportHost() }
    // It may have failed already.
    reportHost()
  }

  /// `old`, whose host is looked up anew, if it sends to the same place; else a new one.
  static func reusing(
    _ old: PacketSender?, _ title: String, _ endpoint: HostEndpoint, interface: String? = nil,
    _ surroundings: OutputSurroundings
  ) -> PacketSender {
    guard let old, old.endpoint == endpoint, old.interface == interface else {
      return PacketSender(title, endpoint, interface: interface, surroundings)
    }
    old.renewAddress()
    return old
  }

  func status(_ name: String) -> OutputStatus {
    OutputStatus(
      name: name, host: endpoint.host, address: address, problem: problem,
      isUp: outage.reason == nil && host.address != nil, sent: sent, dropped: dropped)
  }

  private var problem: String? { host.address == nil ? host.problem : outage.reason ?? host.problem }

  /// The address in numbers, with the port; nil if none is known.
  private var address: String? {
    host.address.map { HostEndpoint(host: $0.ipAddress ?? "", port: $0.port ?? 0).description }
  }

  /// Looks up the host anew.
  func renewAddress() { host.renew() }

  /// Ends the looking-up.
  func close() { host.close() }

  func send(_ packet: [UInt8]) {
    guard let address = host.address else {
      dropped += 1
      return
    }
    let now = loop.now.seconds
    let error = attempt(packet, address)
    guard let error else {
      sent += 1
      return report(outage.succeeded(now: now))
    }
    dropped += 1
    // The buffers are full for a moment.
    guard !error.isCongestion else { return }
    // Perhaps it is elsewhere, or the interface is another one.
    host.doubt()
    report(outage.failed(reason(error), now: now))
  }

  private func attempt(_ packet: [UInt8], _ address: SocketAddress) -> ErrorNumber? {
    do throws(ErrorNumber) {
      if socket == nil || socketAddress != address {
        socket = try UDPSocket(sendingTo: address, interface: interface)
        socketAddress = address
      }
    } catch {
      return error
    }
    return socket?.send(packet, to: address)
  }

  private func reason(_ error: ErrorNumber) -> String {
    guard let interface, error.value == EADDRNOTAVAIL else { return "\(error)" }
    return "interface \(interface) is no address of this machine"
  }

  private func report(_ change: Outage.Change?) {
    switch change {
    case nil: break
    case .began(let reason):
      onRemark(.outage("\(title): nothing can be sent to \(address ?? ""): \(reason); going on trying"))
    case .ended(let seconds, let lost):
      onRemark(
        .recovery("\(title): packets go out again after \(Int(seconds.rounded())) s, in which \(lost) were lost"))
    }
  }

  /// Says once that a host has no address, and once that it has one after all.
  private func reportHost() {
    guard host.address == nil, let problem = host.problem else {
      if toldProblem != nil, let address {
        onRemark(.recovery("\(title): the host '\(endpoint.host)' has the address \(address) now"))
      }
      toldProblem = nil
      return
    }
    if toldProblem == nil { onRemark(.outage("\(title): \(problem); going on trying")) }
    toldProblem = problem
  }
}

extension NIODeadline {
  /// Seconds of the event loop's clock.
  var seconds: Double { Double(uptimeNanoseconds) * 1e-9 }
}
