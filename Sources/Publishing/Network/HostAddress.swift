package import NIOCore
internal import NIOPosix

/// The address of a destination, looked up in the background, and again from time to time: names move.
///
/// Everything here runs on the event loop.
package final class HostAddress {
  let endpoint: HostEndpoint
  /// Nil as long as none is known. One that was found stays until there is another one.
  package private(set) var address: SocketAddress?
  /// Why the last look-up failed; nil if it did not.
  package private(set) var problem: String?
  /// Told that ``address`` or ``problem`` may be another one.
  package var onChange: () -> Void = {}

  /// Whether it cannot change. A name can, and so can an address with an interface, which has another number when it
  /// comes back.
  private let isFixed: Bool
  private let loop: any EventLoop
  private let lookUp: HostLookUp
  private var next: Scheduled<Void>?
  private var isLookingUp = false
  private var failureCount = 0
  private var lastTime: NIODeadline?
  private var isClosed = false

  /// From one look-up to the next while they succeed, and after the first failure; the time doubles with each further
  /// one up to the longest.
  static let renewal = TimeAmount.minutes(5)
  static let firstRetry = TimeAmount.seconds(1)
  static let longestRetry = TimeAmount.seconds(60)
  /// Errors of sending lead to no more look-ups than one in so long.
  static let leastInterval = TimeAmount.seconds(10)

  package init(_ endpoint: HostEndpoint, loop: any EventLoop, lookUp: HostLookUp) {
    self.endpoint = endpoint
    self.loop = loop
    self.lookUp = lookUp
    // In numbers it is there at once, and stays.
    isFixed = HostName.isAddress(endpoint.host) && !endpoint.host.contains("%")
    address = isFixed ? HostName.address(endpoint.host, port: endpoint.port) : nil
    renew()
  }

  /// Looks the host up anew.
  package func renew() {
    guard !isFixed, !isLookingUp, !isClosed else { return }
    next?.cancel()
    isLookingUp = true
    lastTime = loop.now
    lookUp.address(endpoint.host, endpoint.port, loop).assumeIsolated().whenComplete { [self] in took($0) }
  }

  /// Something could not be sent: perhaps the host is elsewhere now.
  package func doubt() {
    guard let lastTime, loop.now - lastTime >= Self.leastInterval else { return }
    renew()
  }

  /// Ends the looking.
  package func close() {
    isClosed = true
    next?.cancel()
    onChange = {}
  }

  private func took(_ result: Result<SocketAddress, any Error>) {
    isLookingUp = false
    guard !isClosed else { return }
    let wait: TimeAmount
    switch result {
    case .success(let address):
      self.address = address
      problem = nil
      failureCount = 0
      wait = Self.renewal
    case .failure(let error):
      problem = "the host '\(endpoint.host)' has no address: \(error)"
      wait = min(Self.longestRetry, Self.firstRetry * (1 << min(failureCount, 6)))
      failureCount += 1
    }
    next = loop.assumeIsolated().scheduleTask(in: wait) { [self] in renew() }
    onChange()
  }
}

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
