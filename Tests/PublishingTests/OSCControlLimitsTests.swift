import Affect
import NIOCore
import NIOEmbedded
import Publishing
import Testing

/// What the control port does to a network that means it ill, or to another affectd, without a network.
@Suite struct OSCControlLimitsTests {
  /// A control port with a clock of its own. What it sends is written down.
  private final class Port {
    let loop = EmbeddedEventLoop()
    let control: OSCControl
    var sent: [(messages: [OSCMessage], address: SocketAddress)] = []
    var bytes = 0

    init(_ address: String = "192.168.1.20", allowed: [IPNetwork]? = nil) throws {
      var interfaces = NetworkInterfaces()
      interfaces.networks = [try #require(IPNetwork("192.168.1.0/24"))]
      interfaces.addresses = [[192, 168, 1, 20]]
      control = OSCControl(
        ownAddress: try SocketAddress(ipAddress: address, port: 9001), allowed: allowed,
        interfaces: { [interfaces] in interfaces },
        onCommand: { [loop] _ in loop.makeSucceededFuture(JSONLine()) }, onRemark: { _ in }, loop: loop)
      control.send = { [unowned self] packet, address in
        bytes += packet.count
        // What affectd sends can be read.
        sent.append((try! OSCPacket(decoding: packet).messages, address))
        return true
      }
    }

    func receive(_ message: OSCMessage, from host: String, port: Int = 5000) throws {
      control.receive(message.encoded(), from: try SocketAddress(ipAddress: host, port: port))
    }
  }

  @Test(arguments: ["/affect/error", "/affect/pong"] + OSCValue.allCases.map { "/affect/\($0.rawValue)" })
  func anAnswerOrAValueIsNotAnswered(_ address: String) throws {
    let port = try Port()
    try port.receive(OSCMessage(address, .string("x")), from: "192.168.1.5")
    #expect(port.sent.isEmpty)
    #expect(port.control.counters.ignoredMessages == 1 && port.control.counters.refusedMessages == 0)
  }

  @Test func itDoesNotSubscribeToItself() throws {
    let port = try Port()
    try port.receive(OSCMessage("/affect/subscribe", .int(9001)), from: "127.0.0.1")
    try port.receive(OSCMessage("/affect/subscribe"), from: "192.168.1.20", port: 9001)
    #expect(port.control.leaseCount == 0)
    #expect(port.sent.allSatisfy { $0.messages.first?.address == "/affect/error" } && port.sent.count == 2)
    // Another machine may use the same number.
    try port.receive(OSCMessage("/affect/subscribe", .int(9001)), from: "192.168.1.5")
    #expect(port.control.leaseCount == 1)
  }

  /// Each is subscribed to the other one: the values of the one are messages to the other.
  @Test func twoThatAreSubscribedToEachOtherFallSilent() throws {
    let ports = [try Port("192.168.1.20"), try Port("192.168.1.20")]
    for port in ports { try port.receive(OSCMessage("/affect/subscribe"), from: "192.168.1.7", port: 9001) }
    for tick in 1...3 {
      for port in ports { port.control.publish(.sample(tick), unixTime: 1) }
      for (sender, receiver) in [(ports[0], ports[1]), (ports[1], ports[0])] {
        let packets = sender.sent.filter { $0.address.port == 9001 }
        sender.sent = []
        #expect(packets.count == 1)
        for message in packets.flatMap(\.messages) { try receiver.receive(message, from: "192.168.1.7", port: 9001) }
        #expect(!receiver.sent.contains { $0.messages.first?.address == "/affect/error" })
      }
    }
  }

  @Test func oneHostGetsNoMoreThanItsAnswers() throws {
    let port = try Port()
    for second in 0..<10 {
      for _ in 0..<500 { try port.receive(OSCMessage("/nonsense"), from: "192.168.1.5", port: 4000 + second) }
      port.loop.advanceTime(by: .seconds(1))
    }
    // 40 at once, and 20 in each of the nine seconds between.
    #expect(port.sent.count == 220)
    #expect(port.control.counters.droppedPackets == 4780)
    try port.receive(OSCMessage("/affect/ping"), from: "192.168.1.6")
    #expect(port.sent.last?.messages.first?.address == "/affect/pong")
  }

  @Test func allTogetherGetNoMoreThanTheirAnswers() throws {
    let port = try Port()
    for host in 1...250 {
      for _ in 0..<10 { try port.receive(OSCMessage("/affect/ping"), from: "192.168.1.\(host)") }
    }
    #expect(port.sent.count == 200)
  }

  @Test func whoIsNotOfTheNetworkIsNotHeard() throws {
    let port = try Port()
    try port.receive(OSCMessage("/affect/subscribe"), from: "203.0.113.5")
    try port.receive(OSCMessage("/affect/ping"), from: "203.0.113.5")
    #expect(port.sent.isEmpty && port.control.leaseCount == 0)
    #expect(port.control.counters.ignoredMessages == 2 && port.control.counters.messages == 0)
    try port.receive(OSCMessage("/affect/subscribe"), from: "192.168.1.5")
    #expect(port.control.leaseCount == 1)
  }

  @Test func subscribersGetNoMoreThanTheirBytes() throws {
    let port = try Port()
    for number in 1...64 { try port.receive(OSCMessage("/affect/subscribe", .int(Int32(number))), from: "192.168.1.5") }
    #expect(port.control.leaseCount == 64)
    for tick in 1...100 { port.control.publish(.sample(tick), unixTime: 1) }
    #expect(port.bytes <= 1_000_000 && port.bytes > 900_000)
    #expect(port.control.counters.droppedPackets > 0)
  }

  @Test func aLeaseEndsAfterTenSeconds() throws {
    let port = try Port()
    try port.receive(OSCMessage("/affect/subscribe"), from: "192.168.1.5")
    port.loop.advanceTime(by: .milliseconds(9999))
    port.control.publish(.sample(1), unixTime: 1)
    #expect(port.sent.count == 1)
    port.loop.advanceTime(by: .milliseconds(1))
    port.control.publish(.sample(2), unixTime: 1)
    #expect(port.sent.count == 1 && port.control.leaseCount == 0)
  }

  @Test(arguments: [OSCArgument.int(7000), .float(7000), .double(7000), .int64(7000)])
  func anyKindOfNumberIsAPort(_ argument: OSCArgument) throws {
    let port = try Port()
    try port.receive(OSCMessage("/affect/subscribe", argument), from: "192.168.1.5")
    port.control.publish(.sample(1), unixTime: 1)
    #expect(port.sent.map(\.address.port) == [7000])
  }

  @Test(arguments: [
    OSCArgument.float(7000.5), .float(0), .float(.nan), .float(1e9), .int(-1), .string("7000"), .bool(true),
  ])
  func otherArgumentsAreNoPort(_ argument: OSCArgument) throws {
    let port = try Port()
    try port.receive(OSCMessage("/affect/subscribe", argument), from: "192.168.1.5")
    #expect(port.control.leaseCount == 0 && port.control.counters.refusedMessages == 1)
  }
}
