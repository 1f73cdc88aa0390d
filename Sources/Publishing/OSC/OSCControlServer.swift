internal import Affect
internal import NIOCore
internal import NIOPosix
internal import Platform

/// The control port: a UDP socket at which OSC comes in, and from which subscribers and askers are answered. When the
/// system closes it, it is opened again.
///
/// Everything here runs on the event loop.
final class OSCControlServer {
  let endpoint: HostEndpoint
  let control: OSCControl

  private let address: SocketAddress
  private let loop: any EventLoop
  private let onRemark: (PublishingRemark) -> Void
  private var socket: UDPSocket?
  private var channel: (any Channel)?
  private var retry: Scheduled<Void>?
  private var isClosed = false

  /// From one attempt to open it again to the next.
  static let retryTime = TimeAmount.seconds(1)

  /// Listens on `endpoint`.
  ///
  /// - Throws: ``Failure`` if the port cannot be had.
  init(
    _ endpoint: HostEndpoint, allowed: [IPNetwork]?, loop: any EventLoop,
    onCommand: @escaping SocketServer.CommandHandler, onRemark: @escaping (PublishingRemark) -> Void
  ) throws(Failure) {
    guard let address = HostName.address(endpoint.host, port: endpoint.port) else {
      throw Failure(
        .unavailable, "control port \(endpoint): '\(endpoint.host)' is no address: name one of this machine in numbers"
      )
    }
    self.endpoint = endpoint
    self.address = address
    self.loop = loop
    self.onRemark = onRemark
    control = OSCControl(ownAddress: address, allowed: allowed, onCommand: onCommand, onRemark: onRemark, loop: loop)
    do {
      try open()
    } catch {
      throw Failure(
        .unavailable, "control port \(endpoint): cannot listen: \(error): choose another one under [control]")
    }
    control.send = { [unowned self] packet, address in socket?.send(packet, to: address) == nil }
  }

  /// Gives the port back at once.
  func close() {
    isClosed = true
    retry?.cancel()
    closeSockets()
  }

  private func closeSockets() {
    socket = nil
    channel?.close(promise: nil)
    channel = nil
  }

  private func open() throws(ErrorNumber) {
    let socket = try UDPSocket(boundTo: address)
    // SwiftNIO reads from a descriptor of its own, and closes it when it likes.
    let descriptor = try socket.duplicate()
    self.socket = socket
    let receiving = NIOLoopBound(Receiving(control), eventLoop: loop)
    let opening = DatagramBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(receiving.value) }
      }
      .withBoundSocket(descriptor)
    // Whoever holds the socket holds the port.
    opening.assumeIsolated().whenComplete { [weak self, weak socket] result in
      switch result {
      case .success(let channel):
        // It may have been closed meanwhile.
        guard let self, let socket, self.socket === socket else { return channel.close(promise: nil) }
        self.channel = channel
        channel.closeFuture.assumeIsolated().whenComplete { [weak self, weak socket] _ in self?.lost(socket, nil) }
      case .failure(let error): self?.lost(socket, error)
      }
    }
  }

  /// The system took `socket` away.
  private func lost(_ socket: UDPSocket?, _ error: (any Error)?) {
    guard !isClosed, let socket, self.socket === socket else { return }
    closeSockets()
    let reason = error.map { ": \(systemReason($0))" } ?? ""
    onRemark(.outage("control port \(endpoint): it was closed\(reason); opening it again"))
    openAgain()
  }

  private func openAgain() {
    do throws(ErrorNumber) {
      try open()
      onRemark(.recovery("control port \(endpoint): it is open again"))
    } catch {
      retry = loop.assumeIsolated().scheduleTask(in: Self.retryTime) { [weak self] in self?.openAgain() }
    }
  }

  /// The end of the channel.
  private final class Receiving: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let control: OSCControl

    init(_ control: OSCControl) {
      self.control = control
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let envelope = unwrapInboundIn(data)
      control.receive(Array(envelope.data.readableBytesView), from: envelope.remoteAddress)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      // If it is the end, the channel closes, and is opened again.
    }
  }
}
