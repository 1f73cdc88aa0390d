import Foundation
import NIOCore
import NIOPosix
import Publishing
import TestSupport
import Testing

/// The Unix socket with real clients.
@Suite struct SocketServerTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Runs `body` with a server on a path of its own, and closes it.
  private func withServer(
    _ path: String, _ body: @Sendable (SocketServer) async throws -> Void
  ) async throws {
    let server = try await SocketServer.listen(
      path: path, hello: #"{"type":"hello"}"#, on: .singletonMultiThreadedEventLoopGroup)
    do {
      try await body(server)
    } catch {
      await server.close()
      throw error
    }
    await server.close()
  }

  private func line(_ number: Int, padding: Int = 0) -> ByteBuffer {
    ByteBuffer(string: "{\"seq\":\(number),\"padding\":\"\(String(repeating: "x", count: padding))\"}\n")
  }

  @Test func everyClientGetsHelloAndThenEveryLine() async throws {
    try await withServer(directory.file("a.sock")) { server in
      let clients = try (0..<20).map { _ in try SocketClient(server.path) }
      // The hello line says that the server knows the client.
      for client in clients { #expect(try client.next()?["type"] as? String == "hello") }
      for number in 1...50 { server.publish(line(number)) }
      for client in clients {
        for number in 1...50 { #expect(try client.next()?["seq"] as? Int == number) }
      }
    }
  }

  @Test func aClientThatNeverReadsDelaysNobodyAndLosesItsOldestLines() async throws {
    try await withServer(directory.file("b.sock")) { server in
      let (lazy, eager) = (try SocketClient(server.path), try SocketClient(server.path))
      _ = try eager.nextLine()
      let count = 5000
      for number in 1...count {
        server.publish(line(number, padding: 1000))
        #expect(try eager.next()?["seq"] as? Int == number)
      }
      // 5 MB do not fit into the buffers between here and there: the lazy client has a hole, and then the newest.
      _ = try lazy.nextLine()
      var received: [Int] = []
      while received.last != count { received.append(try #require(try lazy.next()?["seq"] as? Int)) }
      #expect(received.count < count)
      #expect(received == received.sorted())
      #expect(Array(received.suffix(SocketServer.queueLimit)) == Array(count - SocketServer.queueLimit + 1...count))
    }
  }

  @Test func aClientThatHasNothingToSayGoesOnListening() async throws {
    try await withServer(directory.file("c.sock")) { server in
      let client = try SocketClient(server.path)
      client.shutdownWriting()
      _ = try client.nextLine()
      server.publish(line(1))
      server.publish(line(2))
      #expect(try client.next()?["seq"] as? Int == 1)
      #expect(try client.next()?["seq"] as? Int == 2)
    }
  }

  @Test func clientsComeAndGo() async throws {
    try await withServer(directory.file("d.sock")) { server in
      let stays = try SocketClient(server.path)
      _ = try stays.nextLine()
      for number in 1...200 {
        let guest = try SocketClient(server.path)
        if number % 2 == 0 { _ = try guest.nextLine() }
        server.publish(line(number))
      }
      for number in 1...200 { #expect(try stays.next()?["seq"] as? Int == number) }
    }
  }

  @Test func closingDeliversWhatWaitsEndsTheStreamAndRemovesTheSocket() async throws {
    let path = directory.file("e.sock")
    let server = try await SocketServer.listen(path: path, hello: "{}", on: .singletonMultiThreadedEventLoopGroup)
    let client = try SocketClient(path)
    _ = try client.nextLine()
    for number in 1...100 { server.publish(line(number)) }
    await server.close()
    for number in 1...100 { #expect(try client.next()?["seq"] as? Int == number) }
    #expect(try client.nextLine() == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func ownerAndGroupMayConnect() async throws {
    try await withServer(directory.file("f.sock")) { server in
      let attributes = try FileManager.default.attributesOfItem(atPath: server.path)
      #expect(attributes[.posixPermissions] as? Int == 0o660)
    }
  }

  @Test func aLiveDaemonsSocketIsRefusedAndADeadOnesReplaced() async throws {
    let path = directory.file("g.sock")
    try await withServer(path) { _ in
      await #expect(throws: PublishingError.self) {
        try await SocketServer.listen(path: path, hello: "{}", on: .singletonMultiThreadedEventLoopGroup)
      }
      // The refused one did no harm.
      let hello = try SocketClient(path).nextLine()
      #expect(hello == #"{"type":"hello"}"#)
    }
    // A socket on which nobody listens, as a killed daemon leaves it.
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    close(descriptor)
    try await withServer(path) { _ in
      let hello = try SocketClient(path).nextLine()
      #expect(hello != nil)
    }
  }

  @Test func aPathThatCannotBeASocketIsRefused() async throws {
    let file = try directory.write("precious", to: "file")
    let long = directory.file(String(repeating: "x", count: 100))
    for (path, expected) in [
      (file, "no socket"), (long, "at most 107"), (directory.file("a/b/c.sock"), "cannot be made"),
      ("/proc/affectd.sock", "cannot listen"),
    ] {
      do {
        _ = try await SocketServer.listen(path: path, hello: "{}", on: .singletonMultiThreadedEventLoopGroup)
        Issue.record("\(path) was accepted")
      } catch {
        #expect("\(error)".contains(path) && "\(error)".contains(expected), "\(error)")
      }
    }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
  }
}
