public import NIOCore
internal import NIOPosix

/// Sends OSC packets over UDP to one destination. What the system does not take at once is dropped and counted.
public final class OSCSender: Sendable {
  public let destination: OSCDestination

  private let channel: any Channel
  private let address: SocketAddress
  private let counters: NIOLoopBoundBox<Counters>

  public struct Counters: Sendable, Equatable {
    public var sent = 0
    /// Packets that were refused by the system or found its buffers full.
    public var dropped = 0
  }

  /// - Throws: ``PublishingError`` if the host has no address, or what the system says of the socket.
  public static func open(_ destination: OSCDestination, on group: any EventLoopGroup) async throws -> OSCSender {
    let address: SocketAddress
    do {
      address = try SocketAddress.makeAddressResolvingHost(destination.host, port: destination.port)
    } catch {
      throw PublishingError(.unknownHost, "OSC destination \(destination): the host '\(destination.host)' is not known")
    }
    let local = try SocketAddress(ipAddress: address.protocol == .inet6 ? "::" : "0.0.0.0", port: 0)
    let channel = try await DatagramBootstrap(group: group)
      .channelOption(.socketOption(.so_broadcast), value: 1)
      .bind(to: local).get()
    return OSCSender(destination: destination, channel: channel, address: address)
  }

  private init(destination: OSCDestination, channel: any Channel, address: SocketAddress) {
    self.destination = destination
    self.channel = channel
    self.address = address
    counters = NIOLoopBoundBox.makeBoxSendingValue(Counters(), eventLoop: channel.eventLoop)
  }

  /// Sends `packet`. May be called from any thread; does not wait.
  public func send(_ packet: ByteBuffer) {
    channel.eventLoop.execute { [self] in
      guard channel.isWritable else {
        counters.value.dropped += 1
        return
      }
      let envelope = AddressedEnvelope(remoteAddress: address, data: packet)
      channel.writeAndFlush(envelope).whenComplete { [self] result in
        switch result {
        case .success: counters.value.sent += 1
        case .failure: counters.value.dropped += 1
        }
      }
    }
  }

  /// Sends what was handed over before, and closes the socket.
  public func close() async -> Counters {
    let counters = try? await channel.eventLoop.submit { [self] in self.counters.value }.get()
    try? await channel.close()
    return counters ?? Counters()
  }
}
