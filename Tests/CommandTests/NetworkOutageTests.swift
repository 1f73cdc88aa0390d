import Foundation
import TestSupport
import Testing

/// A network of its own for a program: a network namespace with a pair of virtual interfaces (network_namespaces(7),
/// veth(4)).
private enum NetworkNamespace {
  static let setUp = """
    set -e
    ip link set lo up
    ip link add cable type veth peer name desk
    ip address add 10.9.0.1/24 dev cable
    ip link set cable up
    ip link set desk up

    """

  static let isPossible: Bool = {
    let result = try? Program.run("/usr/bin/unshare", ["-rn", "bash", "-c", setUp])
    if result?.status == 0 { return true }
    print("SKIPPED: this machine allows no network namespaces (unshare -rn): a network that goes is not tested")
    return false
  }()
}

/// The real daemon in a network of its own, whose cable is pulled. Where the machine does not allow that, it says so
/// and tests nothing.
@Suite(.enabled(if: NetworkNamespace.isPossible, "SKIPPED: this machine allows no network namespaces (unshare -rn)"))
struct NetworkOutageTests {
  private func start(_ arguments: [String], _ more: String = "true") throws -> Daemon {
    try Daemon(
      ["--input", "tone:440", "--hop", "0.05"] + arguments, isService: true,
      launcher: ["/usr/bin/unshare", "-rn", "bash", "-c", NetworkNamespace.setUp + more + "\nexec \"$@\"", "sh"])
  }

  /// Runs `command` in the network of `daemon`.
  private func run(_ daemon: Daemon, _ command: String) throws {
    let result = try Program.run(
      "/usr/bin/nsenter",
      ["-t", "\(daemon.identifier)", "-U", "-n", "--preserve-credentials", "bash", "-c", command])
    #expect(result.status == 0, "\(result.errors)")
  }

  /// As they are after the next tick: before the first, affectd carries out no commands.
  private func destinations(_ client: SocketClient) throws -> [String: [String: Any]] {
    _ = try client.next { $0["seq"] != nil }
    client.send(#"{"jsonrpc":"2.0","id":1,"method":"get_stats"}"# + "\n")
    let reply = try client.next { $0["jsonrpc"] != nil }
    let osc = (reply?["result"] as? [String: Any])?["osc"] as? [String: Any]
    return try #require(osc?["destinations"] as? [String: [String: Any]], "\(reply ?? [:])")
  }

  /// Waits, tick by tick, until `condition` holds for the destinations.
  private func wait(_ client: SocketClient, _ condition: ([String: [String: Any]]) -> Bool) throws {
    for _ in 0..<1000 {
      if condition(try destinations(client)) { return }
    }
    Issue.record("it does not come: \(try destinations(client))")
  }

  @Test func aCableThatIsPulledEndsNothing() throws {
    let daemon = try start(["--osc", "127.0.0.1:9000", "--osc", "10.9.0.2:9000"])
    let client = try SocketClient(daemon.socket)
    let (local, desk) = ("option-1", "option-2")
    try wait(client) { $0[local]?["sent"] as? Int ?? 0 > 3 && $0[desk]?["up"] as? Bool == true }
    try run(daemon, "ip link set cable down")
    #expect(
      try daemon.nextMessage(with: "OSC destination option-2: nothing can be sent to 10.9.0.2:9000") != nil)
    let before = try destinations(client)
    try wait(client) {
      $0[desk]?["up"] as? Bool == false
        && ($0[local]?["sent"] as? Int ?? 0) > (before[local]?["sent"] as? Int ?? 0) + 10
    }
    #expect(try destinations(client)[local]?["dropped"] as? Int == 0)
    try run(daemon, "ip link set cable up")
    try wait(client) { $0[desk]?["up"] as? Bool == true }
    #expect(try daemon.nextMessage(with: "OSC destination option-2: packets go out again") != nil)
    #expect(try destinations(client)[local]?["dropped"] as? Int == 0)
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  @Test func theControlPortOutlivesANetworkOfItsSubscribers() throws {
    let directory = try TemporaryDirectory()
    let configuration = try directory.write("[control]\nport = 9001\nhost = \"0.0.0.0\"\n", to: "a.toml")
    let daemon = try start(["--config", configuration])
    let client = try SocketClient(daemon.socket)
    // Somebody in the network subscribes. Its address goes with the network.
    try run(
      daemon,
      "python3 -c \"import socket; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('10.9.0.1',0)); "
        + "s.sendto(b'/affect/subscribe\\0\\0\\0,i\\0\\0\\0\\0\\x23\\x28',('10.9.0.1',9001))\"")
    _ = try client.next { $0["seq"] != nil }
    try run(daemon, "ip link set cable down; ip address flush dev cable")
    for _ in 0..<10 { _ = try client.next { $0["seq"] != nil } }
    try run(daemon, "oscsend osc.udp://127.0.0.1:9001 /affect/mark s alive")
    #expect(try client.next { $0["type"] as? String == "mark" }?["label"] as? String == "alive")
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  /// The name server does not answer, for many seconds. If that kept affectd, its time limit would end it with another
  /// status.
  @Test func aNameServerThatIsSilentKeepsNobodyWaiting() throws {
    let daemon = try start(
      ["--osc", "desk.example.org:9000", "--osc", "127.0.0.1:9000"], "ip route add default via 10.9.0.2")
    let client = try SocketClient(daemon.socket)
    try wait(client) { $0["option-2"]?["sent"] as? Int ?? 0 > 3 && $0["option-1"]?["up"] as? Bool == false }
    daemon.signal(SIGHUP)
    try wait(client) { $0["option-2"]?["sent"] as? Int ?? 0 > 6 }
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }

  /// The network comes after affectd, as at the start of a machine.
  @Test func aDestinationWhoseNetworkIsNotThereYetIsReachedLater() throws {
    let daemon = try start(["--osc", "10.8.0.2:9000"])
    let client = try SocketClient(daemon.socket)
    try wait(client) { $0["option-1"]?["dropped"] as? Int ?? 0 > 0 }
    try run(daemon, "ip address add 10.8.0.1/24 dev cable")
    try wait(client) { $0["option-1"]?["up"] as? Bool == true }
    daemon.signal(SIGTERM)
    #expect(try daemon.waitForEnd().status == 0)
  }
}
