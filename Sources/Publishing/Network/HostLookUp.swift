package import NIOCore
internal import NIOPosix

/// How the address of a host is found. A test has its own way.
package struct HostLookUp: Sendable {
  /// The address of a host and port; it fails with the reason why there is none.
  let address: @Sendable (_ host: String, _ port: Int, _ loop: any EventLoop) -> EventLoopFuture<SocketAddress>

  package init(
    _ address:
      @escaping @Sendable (_ host: String, _ port: Int, _ loop: any EventLoop) -> EventLoopFuture<SocketAddress>
  ) {
    self.address = address
  }

  /// The system's resolver. It can take many seconds where a name server does not answer, so it runs on threads that
  /// nobody waits for.
  package static let system = HostLookUp { host, port, loop in
    threads.runIfActive(eventLoop: loop) { try SocketAddress(host, port) }
  }

  private static let threads: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 4)
    pool.start()
    return pool
  }()
}
