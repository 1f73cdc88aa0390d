package import Affect
package import NIOCore
internal import Platform

/// What the control port does with the packets that come in: commands, pings, and subscriptions for ten seconds at a
/// time.
///
/// UDP has no authentication and its senders can be forged. So only those in reach of ``ControlPeers`` are heard; what
/// is itself an answer is never answered, lest two programs answer each other for ever; and all that goes out is
/// limited.
///
/// Everything here runs on the event loop.
package final class OSCControl {
  package struct Counters: Sendable, Equatable {
    package var messages = 0
    /// Packets that are not OSC.
    package var malformedPackets = 0
    /// Messages with arguments that do not fit, or for no known address.
    package var refusedMessages = 0
    /// Answers and values of others, and all that comes from senders that are not heard.
    package var ignoredMessages = 0
    /// Answers and ticks that did not go out, because there were too many or the system did not take them.
    package var droppedPackets = 0
  }

  package private(set) var counters = Counters()
  /// Sends a packet; false if the system does not take it.
  package var send: (_ packet: [UInt8], SocketAddress) -> Bool = { _, _ in false }

  private let ownAddress: SocketAddress
  private let onCommand: SocketServer.CommandHandler
  private let onRemark: (PublishingRemark) -> Void
  private let loop: any EventLoop
  private var peers: ControlPeers
  private var leases = LeaseTable<Receiver>(duration: leaseTime, limit: leaseLimit)
  private var subscribers: [Receiver: OSCTickEncoder] = [:]
  private var answersByHost: [[UInt8]: TokenBucket] = [:]
  private var answers: TokenBucket
  private var subscriberBytes: TokenBucket
  private var inputIsMissing = false

  /// Who is sent to; a `SocketAddress` compares by address and port.
  private struct Receiver: Hashable {
    let address: SocketAddress
  }

  /// Seconds that a subscription lasts.
  static let leaseTime = 10.0
  static let leaseLimit = 64
  /// Answers per second, on average and at once: to one host, and in all.
  static let hostAnswers = (rate: 20.0, burst: 40.0)
  static let allAnswers = (rate: 200.0, burst: 200.0)
  /// Hosts whose answers are counted at once.
  static let hostLimit = 256
  /// Bytes per second that go to all subscribers together. All 64 get 20 ticks a second.
  static let subscriberRate = 1_000_000.0

  /// - Parameters:
  ///   - ownAddress: of the control port.
  ///   - allowed: the networks whose senders are heard; nil for those that the machine is in.
  package init(
    ownAddress: SocketAddress, allowed: [IPNetwork]?,
    interfaces: @escaping () -> NetworkInterfaces = NetworkInterfaces.current,
    onCommand: @escaping SocketServer.CommandHandler, onRemark: @escaping (PublishingRemark) -> Void,
    loop: any EventLoop
  ) {
    self.ownAddress = ownAddress
    self.onCommand = onCommand
    self.onRemark = onRemark
    self.loop = loop
    peers = ControlPeers(allowed, interfaces: interfaces)
    let now = loop.now.seconds
    answers = TokenBucket(rate: Self.allAnswers.rate, burst: Self.allAnswers.burst, now: now)
    subscriberBytes = TokenBucket(rate: Self.subscriberRate, burst: Self.subscriberRate, now: now)
  }

  package var leaseCount: Int { subscribers.count }

  /// Hears others than before.
  func use(allowed: [IPNetwork]?) { peers = ControlPeers(allowed) }

  /// Sends a tick to those who have subscribed.
  package func publish(_ estimate: AffectEstimate, unixTime: Double, palette: MoodPalette = .standard) {
    inputIsMissing = LossFader.inputIsMissing(estimate, before: inputIsMissing)
    endOldLeases()
    for receiver in subscribers.keys {
      for packet in subscribers[receiver]?.packets(estimate, unixTime: unixTime, palette: palette) ?? [] {
        let isAllowed = subscriberBytes.take(Double(packet.count), now: now)
        if !isAllowed || !send(packet, receiver.address) { counters.droppedPackets += 1 }
      }
    }
  }

  // MARK: - Messages

  /// Takes a packet.
  package func receive(_ bytes: [UInt8], from address: SocketAddress) {
    guard peers.hears(address, now: now) else {
      counters.ignoredMessages += 1
      return misuse("a packet from \(Self.name(address)) was ignored: it is in none of the networks of control.allow")
    }
    do throws(OSCDecodingError) {
      for message in try OSCPacket(decoding: bytes).messages { handle(message, from: address) }
    } catch {
      counters.malformedPackets += 1
      misuse("a packet from \(Self.name(address)) is malformed: \(error)")
    }
  }

  private func handle(_ message: OSCMessage, from address: SocketAddress) {
    counters.messages += 1
    guard !Self.isAnswer(message.address) else {
      counters.ignoredMessages += 1
      return misuse("\(Self.printable(message.address)) from \(Self.name(address)) was ignored: nothing is asked by it")
    }
    let pattern = OSCAddressPattern(message.address)
    let matching = OSCControlMessage.Name.allCases.filter { pattern.matches($0.rawValue) }
    guard !matching.isEmpty else {
      return refuse("'\(Self.printable(message.address))' is not known", to: address)
    }
    for name in matching {
      do throws(Failure) {
        carryOut(try OSCControlMessage(name, message.arguments), from: address)
      } catch {
        refuse("\(name.rawValue): \(error)", to: address)
      }
    }
  }

  /// Whether a message is one that affectd itself sends. Another one that is answered by it would answer back.
  private static func isAnswer(_ address: String) -> Bool {
    address == errorAddress || address == pongAddress || valueAddresses.contains(address)
  }

  private static let errorAddress = "/affect/error"
  private static let pongAddress = "/affect/pong"
  private static let valueAddresses = Set(OSCValue.allCases.map { OSCDestination.standard.address(of: $0) })

  private func carryOut(_ message: OSCControlMessage, from address: SocketAddress) {
    switch message {
    case .ping(let arguments): answer(OSCMessage(Self.pongAddress, arguments: arguments), to: address)
    case .subscribe(let port): subscribe(address, port)
    case .unsubscribe(let port):
      let receiver = Self.receiver(address, port)
      leases.end(receiver)
      subscribers[receiver] = nil
    case .released: break
    case .command(let command):
      onCommand(command).hop(to: loop).assumeIsolated().whenFailure { [weak self] error in
        self?.refuse("\(error)", to: address)
      }
    }
  }

  private func subscribe(_ address: SocketAddress, _ port: Int?) {
    let receiver = Self.receiver(address, port)
    guard receiver.address.port != ownAddress.port || !peers.isOwn(receiver.address, now: now) else {
      return refuse("that is the control port itself", to: address)
    }
    // During a pause no tick ends them.
    endOldLeases()
    guard leases.renew(receiver, now: now) else {
      return refuse("there are \(Self.leaseLimit) subscribers already", to: address)
    }
    if subscribers[receiver] == nil {
      let endpoint = HostEndpoint(host: receiver.address.ipAddress ?? "", port: receiver.address.port ?? 0)
      subscribers[receiver] = OSCTickEncoder(
        OSCDestination(name: "subscriber", endpoint: endpoint), inputIsMissing: inputIsMissing)
    }
  }

  private func endOldLeases() {
    for receiver in leases.expire(now: now) { subscribers[receiver] = nil }
  }

  // MARK: - Answers

  /// Counts and reports what cannot be done, and tells the one who asked.
  private func refuse(_ reason: String, to address: SocketAddress) {
    counters.refusedMessages += 1
    misuse("a message from \(Self.name(address)) was refused: \(reason)")
    answer(OSCMessage(Self.errorAddress, .string(reason)), to: address)
  }

  private func answer(_ message: OSCMessage, to address: SocketAddress) {
    guard mayAnswer(address), send(message.encoded(), address) else {
      counters.droppedPackets += 1
      return
    }
  }

  private func mayAnswer(_ address: SocketAddress) -> Bool {
    let now = now
    let host = address.ipBytes ?? []
    if answersByHost[host] == nil {
      if answersByHost.count >= Self.hostLimit {
        answersByHost = answersByHost.filter { entry in
          var bucket = entry.value
          return !bucket.isFull(now: now)
        }
      }
      guard answersByHost.count < Self.hostLimit else { return false }
      answersByHost[host] = TokenBucket(rate: Self.hostAnswers.rate, burst: Self.hostAnswers.burst, now: now)
    }
    return answersByHost[host]?.take(now: now) == true && answers.take(now: now)
  }

  private func misuse(_ text: String) { onRemark(.misuse("OSC control: \(text)")) }

  /// The beginning of `address`, fit for a log.
  private static func printable(_ address: String) -> String {
    let bytes = address.utf8.prefix(64).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func name(_ address: SocketAddress) -> String {
    HostEndpoint(host: address.ipAddress ?? "", port: address.port ?? 0).description
  }

  private static func receiver(_ address: SocketAddress, _ port: Int?) -> Receiver {
    var address = address
    if let port { address.port = port }
    return Receiver(address: address)
  }

  private var now: Double { loop.now.seconds }
}
