import NIOCore
import NIOEmbedded
import Platform
import Publishing
import Testing

/// The small parts that hold on a network that comes and goes, without one.
@Suite struct NetworkTests {
  // MARK: - Host names

  @Test(
    arguments: [
      "localhost", "desk", "desk.local", "Desk-2.example.org", "desk.example.org.", "a_b", "192.168.1.30", "0.0.0.0",
      "::1",
      "fe80::1%eth0", "2001:db8::7", "1and1.example", String(repeating: "x", count: 63),
    ])
  func theseCanBeHosts(_ host: String) { #expect(HostName.isValid(host)) }

  @Test(
    arguments: [
      "", ".", "desk..local", "127.0.0.1:9000", "desk:9000", "desk.local:9000", "[::1]", "192.168.1", "192.168.1.300",
      "1", "::1%",
      "two words", "desk/1", "désk", ":::", String(repeating: "x", count: 64), String(repeating: "abc.", count: 64),
    ])
  func theseCannot(_ host: String) { #expect(!HostName.isValid(host)) }

  // MARK: - Outages

  @Test func anOutageIsToldOnceAndSoIsItsEnd() {
    var outage = Outage()
    func failed(_ reason: String, _ now: Double) -> Outage.Change? { outage.failed(reason, now: now) }
    func succeeded(_ now: Double) -> Outage.Change? { outage.succeeded(now: now) }
    #expect(succeeded(0) == nil)
    #expect(failed("unreachable", 1) == .began("unreachable"))
    #expect(outage.reason == "unreachable")
    for time in stride(from: 1.5, to: 10, by: 0.5) { #expect(failed("unreachable", time) == nil) }
    #expect(succeeded(10) == nil)
    #expect(outage.reason == nil)
    #expect(succeeded(14.9) == nil)
    #expect(succeeded(15) == .ended(seconds: 9, lost: 18))
    #expect(succeeded(20) == nil)
    #expect(failed("down", 30) == .began("down"))
  }

  @Test func aConnectionThatFlickersIsOneOutage() {
    var outage = Outage()
    var changes: [Outage.Change] = []
    for tick in 0..<1000 {
      let now = Double(tick) * 0.5
      if let change = tick % 3 == 0 ? outage.failed("no", now: now) : outage.succeeded(now: now) {
        changes.append(change)
      }
    }
    #expect(changes == [.began("no")])
  }

  // MARK: - Limits

  @Test func aBucketAllowsItsRateAndItsBurst() {
    var bucket = TokenBucket(rate: 20, burst: 40, now: 0)
    func taken(_ times: [Double]) -> Int { times.filter { bucket.take(now: $0) }.count }
    #expect(taken(Array(repeating: 0, count: 100)) == 40)
    #expect(taken(Array(repeating: 1, count: 100)) == 20)
    // A clock that goes back gives nothing.
    #expect(taken([0]) == 0)
    #expect(taken(Array(repeating: 1000, count: 100)) == 40)
    #expect((199...200).contains(taken((0..<10_000).map { 1000 + Double($0) / 1000 })))
  }

  // MARK: - Networks

  @Test(
    arguments: [
      ("192.168.1.0/24", "192.168.1.77", true), ("192.168.1.9/24", "192.168.1.77", true),
      ("192.168.1.0/24", "192.168.2.77", false), ("10.0.0.7", "10.0.0.7", true), ("10.0.0.7", "10.0.0.8", false),
      ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("10.0.0.0/9", "10.127.255.255", true),
      ("10.0.0.0/9", "10.128.0.0", false), ("fe80::/10", "fe80::5", true), ("fe80::/10", "fec0::5", false),
      ("::/0", "2001:db8::1", true), ("192.168.1.0/24", "::ffff:192.168.1.5", true),
    ])
  func aNetworkHoldsItsAddresses(_ network: String, _ address: String, _ expected: Bool) throws {
    let network = try #require(IPNetwork(network))
    let bytes = try #require(try SocketAddress(ipAddress: address, port: 1).ipBytes)
    #expect(network.contains(bytes) == expected)
    #expect(IPNetwork(network.description) == network)
  }

  @Test(arguments: [
    "", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.0/8/8", "desk.local",
  ])
  func otherNetworksAreRefused(_ text: String) { #expect(IPNetwork(text) == nil) }

  private final class Peers {
    var interfaces = NetworkInterfaces()
    private var peers: ControlPeers?

    init(_ allowed: [IPNetwork]?) {
      peers = ControlPeers(allowed) { [unowned self] in interfaces }
    }

    func hears(_ address: String, _ now: Double) throws -> Bool {
      peers?.hears(try SocketAddress(ipAddress: address, port: 5000), now: now) == true
    }

    func isOwn(_ address: String, _ now: Double) throws -> Bool {
      peers?.isOwn(try SocketAddress(ipAddress: address, port: 5000), now: now) == true
    }
  }

  @Test func withoutAListTheMachinesOwnNetworksAreHeard() throws {
    let peers = Peers(nil)
    #expect(try peers.hears("127.0.0.1", 0) && peers.hears("::1", 0))
    #expect(try !peers.hears("192.168.1.5", 0))
    peers.interfaces.networks = [try #require(IPNetwork("192.168.1.20/24"))]
    peers.interfaces.addresses = [[192, 168, 1, 20]]
    // Interfaces are not looked at for every packet.
    #expect(try !peers.hears("192.168.1.5", 0.5))
    #expect(try peers.hears("192.168.1.5", 1))
    #expect(try !peers.hears("192.168.2.5", 3))
    #expect(try peers.isOwn("192.168.1.20", 3) && peers.isOwn("127.0.0.1", 3))
    #expect(try !peers.isOwn("192.168.1.5", 5))
  }

  @Test func aListTakesTheirPlace() throws {
    let peers = Peers([try #require(IPNetwork("10.0.0.0/8"))])
    peers.interfaces.networks = [try #require(IPNetwork("192.168.1.0/24"))]
    #expect(try peers.hears("10.1.2.3", 0))
    #expect(try !peers.hears("192.168.1.5", 0))
    #expect(try peers.hears("127.0.0.1", 0))
  }

  @Test func theLoopbackInterfaceIsFound() {
    let interfaces = NetworkInterfaces.current()
    #expect(interfaces.addresses.contains([127, 0, 0, 1]))
    #expect(interfaces.networks.contains(IPNetwork([127, 0, 0, 0], prefix: 8)))
  }
}

/// When a host is looked up, by the clock of a testing event loop.
@Suite struct HostAddressTests {
  private final class Names {
    /// What the next look-ups give; nil fails.
    var answers: [String?] = []
    var times: [Double] = []
  }

  private let loop = EmbeddedEventLoop()
  private let names = Names()

  private func host(_ name: String) -> HostAddress {
    nonisolated(unsafe) let names = names
    let start = loop.now
    let lookUp = HostLookUp { _, port, loop in
      names.times.append(Double((loop.now - start).nanoseconds) / 1e9)
      let answer = names.answers.count > 1 ? names.answers.removeFirst() : names.answers.first ?? nil
      guard let answer else { return loop.makeFailedFuture(Failure(.unavailable, "not now")) }
      return loop.makeCompletedFuture { try SocketAddress(ipAddress: answer, port: port) }
    }
    return HostAddress(HostEndpoint(host: name, port: 7), loop: loop, lookUp: lookUp)
  }

  @Test(arguments: ["10.0.0.7", "::1", "localhost"])
  func anAddressIsNotLookedUp(_ name: String) {
    let host = host(name)
    #expect(host.address?.port == 7)
    host.renew()
    loop.advanceTime(by: .hours(1))
    #expect(names.times == [])
  }

  @Test func anAddressWithAnInterfaceIsLookedUp() {
    names.answers = ["fe80::1"]
    let host = host("fe80::1%eth0")
    #expect(host.address?.ipAddress == "fe80::1")
    loop.advanceTime(by: .seconds(20))
    host.doubt()
    #expect(names.times == [0, 20])
  }

  @Test func aNameIsTriedAgainAndAgain() {
    let host = host("desk.test")
    #expect(host.address == nil && host.problem == "the host 'desk.test' has no address: not now")
    loop.advanceTime(by: .seconds(300))
    #expect(names.times == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
    names.answers = ["10.0.0.7"]
    loop.advanceTime(by: .seconds(60))
    #expect(host.address?.ipAddress == "10.0.0.7" && host.problem == nil)
  }

  @Test func aNameIsLookedUpAnewEveryFewMinutes() {
    names.answers = ["10.0.0.7", "10.0.0.8", nil, "10.0.0.9"]
    let host = host("desk.test")
    #expect(host.address?.ipAddress == "10.0.0.7")
    loop.advanceTime(by: .minutes(5))
    #expect(host.address?.ipAddress == "10.0.0.8")
    // What is known stays while the name server is away.
    loop.advanceTime(by: .minutes(5))
    #expect(host.address?.ipAddress == "10.0.0.8" && host.problem != nil)
    loop.advanceTime(by: .seconds(1))
    #expect(host.address?.ipAddress == "10.0.0.9" && host.problem == nil)
    #expect(names.times == [0, 300, 600, 601])
  }

  @Test func errorsOfSendingLookItUpAnewButNotAllTheTime() {
    names.answers = ["10.0.0.7"]
    let host = host("desk.test")
    for _ in 0..<300 {
      loop.advanceTime(by: .milliseconds(100))
      host.doubt()
    }
    #expect(names.times == [0, 10, 20, 30])
  }

  @Test func aClosedOneIsNotLookedUp() {
    let host = host("desk.test")
    host.close()
    loop.advanceTime(by: .hours(1))
    #expect(names.times == [0])
  }
}
