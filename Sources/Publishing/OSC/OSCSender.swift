internal import Affect
public import NIOCore
internal import NIOPosix

/// Sends ticks over UDP to one destination. What the system does not take at once is dropped and counted.
///
/// Everything here runs on the event loop.
final class OSCSender {
  struct Counters: Sendable, Equatable {
    var sent = 0
    /// Packets that were refused by the system or found its buffers full.
    var dropped = 0
  }

  var destination: OSCDestination { encoder.destination }
  private(set) var counters = Counters()

  private var encoder: OSCTickEncoder
  private let channel: any Channel
  private let address: SocketAddress

  /// - Parameter channel: a socket of the address's family.
  init(_ destination: OSCDestination, channel: any Channel, address: SocketAddress) {
    encoder = OSCTickEncoder(destination)
    self.channel = channel
    self.address = address
  }

  func send(_ estimate: AffectEstimate, unixTime: Double) {
    for packet in encoder.packets(estimate, unixTime: unixTime) { send(packet) }
  }

  private func send(_ packet: [UInt8]) {
    guard channel.isWritable else {
      counters.dropped += 1
      return
    }
    let envelope = AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: packet))
    let loopBound = NIOLoopBound(self, eventLoop: channel.eventLoop)
    channel.writeAndFlush(envelope).whenComplete { result in
      switch result {
      case .success: loopBound.value.counters.sent += 1
      case .failure: loopBound.value.counters.dropped += 1
      }
    }
  }
}

/// The UDP sockets that OSC is sent from, one for each family of addresses.
public struct OSCSockets: Sendable {
  let version4: any Channel
  /// Nil where the system has no IPv6.
  let version6: (any Channel)?

  public static func open(on loop: any EventLoop) async throws -> OSCSockets {
    let bootstrap = DatagramBootstrap(group: loop).channelOption(.socketOption(.so_broadcast), value: 1)
    return OSCSockets(
      version4: try await bootstrap.bind(host: "0.0.0.0", port: 0).get(),
      version6: try? await bootstrap.bind(host: "::", port: 0).get())
  }

  /// The address of `destination`, and the socket for it.
  ///
  /// - Throws: ``PublishingError`` if the host has no address. The look-up may take seconds: not on the event loop.
  static func resolve(_ destination: OSCDestination) throws -> SocketAddress {
    do {
      return try SocketAddress.makeAddressResolvingHost(destination.endpoint.host, port: destination.endpoint.port)
    } catch {
      throw PublishingError(
        .unknownHost,
        "OSC destination \(destination.name): the host '\(destination.endpoint.host)' is not known")
    }
  }

  func channel(for address: SocketAddress) -> any Channel {
    address.protocol == .inet6 ? version6 ?? version4 : version4
  }

  func close() async {
    try? await version4.close()
    try? await version6?.close()
  }
}
