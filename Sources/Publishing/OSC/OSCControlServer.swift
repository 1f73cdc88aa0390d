internal import Affect
internal import NIOCore
internal import NIOPosix

/// Takes control messages over UDP: commands, pings, and subscriptions for ten seconds at a time.
///
/// Everything but the opening runs on the event loop.
final class OSCControlServer {
  struct Counters: Sendable, Equatable {
    var messages = 0
    /// Packets that are not OSC.
    var malformedPackets = 0
    /// Messages with arguments that do not fit, or for no known address.
    var refusedMessages = 0
  }

  private(set) var counters = Counters()
  private let channel: any Channel
  private let onCommand: SocketServer.CommandHandler
  private let onProblem: (String) -> Void
  private var leases = LeaseTable<Receiver>(duration: leaseTime, limit: leaseLimit)
  private var senders: [Receiver: OSCSender] = [:]

  /// Who is sent to; a `SocketAddress` compares by address and port.
  private struct Receiver: Hashable {
    let address: SocketAddress
  }

  /// Seconds that a subscription lasts.
  static let leaseTime = 10.0
  static let leaseLimit = 64

  /// Listens on `endpoint`.
  ///
  /// - Parameter onProblem: told of messages that could not be used.
  /// - Throws: ``PublishingError`` if the port cannot be had.
  static func listen(
    _ endpoint: OSCEndpoint, on loop: any EventLoop, onCommand: @escaping SocketServer.CommandHandler,
    onProblem: @escaping @Sendable (String) -> Void
  ) async throws -> NIOLoopBound<OSCControlServer> {
    let channel: any Channel
    do {
      channel = try await DatagramBootstrap(group: loop).bind(host: endpoint.host, port: endpoint.port).get()
    } catch {
      throw PublishingError(
        .unusablePort,
        "control port \(endpoint): cannot listen: \(systemReason(error)): choose another one under [control]")
    }
    return try await loop.submit {
      let server = OSCControlServer(channel, onCommand, onProblem)
      try channel.pipeline.syncOperations.addHandler(Receiving(server))
      return NIOLoopBound(server, eventLoop: loop)
    }.get()
  }

  private init(
    _ channel: any Channel, _ onCommand: @escaping SocketServer.CommandHandler, _ onProblem: @escaping (String) -> Void
  ) {
    self.channel = channel
    self.onCommand = onCommand
    self.onProblem = onProblem
  }

  var leaseCount: Int { senders.count }

  /// Sends a tick to those who have subscribed.
  func publish(_ estimate: AffectEstimate, unixTime: Double) {
    endOldLeases()
    for sender in senders.values { sender.send(estimate, unixTime: unixTime) }
  }

  func close() -> EventLoopFuture<Void> { channel.close() }

  // MARK: - Messages

  private func receive(_ bytes: [UInt8], from address: SocketAddress) {
    do throws(OSCDecodingError) {
      for message in try OSCPacket(decoding: bytes).messages { handle(message, from: address) }
    } catch {
      counters.malformedPackets += 1
      onProblem("OSC control: a packet from \(Self.name(address)) is malformed: \(error)")
    }
  }

  private func handle(_ message: OSCMessage, from address: SocketAddress) {
    counters.messages += 1
    let pattern = OSCAddressPattern(message.address)
    let matching = OSCControlMessage.Name.allCases.filter { pattern.matches($0.rawValue) }
    guard !matching.isEmpty else {
      return refuse("'\(Self.printable(message.address))' is not known", to: address)
    }
    for name in matching {
      do throws(ControlError) {
        carryOut(try OSCControlMessage(name, message.arguments), from: address)
      } catch {
        refuse("\(name.rawValue): \(error)", to: address)
      }
    }
  }

  private func carryOut(_ message: OSCControlMessage, from address: SocketAddress) {
    switch message {
    case .ping(let arguments):
      send(OSCMessage("/affect/pong", arguments: arguments), to: address)
    case .subscribe(let port):
      subscribe(address, port)
    case .unsubscribe(let port):
      let receiver = Self.receiver(address, port)
      leases.end(receiver)
      senders[receiver] = nil
    case .released: break
    case .command(let command):
      let loopBound = NIOLoopBound(self, eventLoop: channel.eventLoop)
      onCommand(command).whenFailure { error in loopBound.value.refuse("\(error)", to: address) }
    }
  }

  private func subscribe(_ address: SocketAddress, _ port: Int?) {
    let receiver = Self.receiver(address, port)
    // During a pause no tick ends them.
    endOldLeases()
    guard leases.renew(receiver, now: Self.now) else {
      return refuse("there are \(Self.leaseLimit) subscribers already", to: address)
    }
    if senders[receiver] == nil {
      let endpoint = OSCEndpoint(host: receiver.address.ipAddress ?? "", port: receiver.address.port ?? 0)
      senders[receiver] = OSCSender(
        OSCDestination(name: "subscriber", endpoint: endpoint), channel: channel, address: receiver.address)
    }
  }

  private func endOldLeases() {
    for receiver in leases.expire(now: Self.now) { senders[receiver] = nil }
  }

  /// Counts and reports what cannot be done, and tells the one who asked.
  private func refuse(_ reason: String, to address: SocketAddress) {
    counters.refusedMessages += 1
    onProblem("OSC control: a message from \(Self.name(address)) was refused: \(reason)")
    send(OSCMessage("/affect/error", .string(reason)), to: address)
  }

  /// The beginning of `address`, fit for a log.
  private static func printable(_ address: String) -> String {
    let bytes = address.utf8.prefix(64).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func send(_ message: OSCMessage, to address: SocketAddress) {
    guard channel.isWritable else { return }
    channel.writeAndFlush(
      AddressedEnvelope(remoteAddress: address, data: ByteBuffer(bytes: message.encoded())), promise: nil)
  }

  private static func name(_ address: SocketAddress) -> String {
    OSCEndpoint(host: address.ipAddress ?? "", port: address.port ?? 0).description
  }

  private static func receiver(_ address: SocketAddress, _ port: Int?) -> Receiver {
    var address = address
    if let port { address.port = port }
    return Receiver(address: address)
  }

  private static var now: Double { Double(NIODeadline.now().uptimeNanoseconds) * 1e-9 }

  /// The end of the channel.
  private final class Receiving: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let server: OSCControlServer

    init(_ server: OSCControlServer) {
      self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let envelope = unwrapInboundIn(data)
      server.receive(Array(envelope.data.readableBytesView), from: envelope.remoteAddress)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      // A refused packet of ours comes back as an error; the port stays open.
    }
  }
}
