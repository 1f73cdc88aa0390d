import CommandLineSupport
import Logging
import NIOCore
import NIOPosix

/// Reads the configuration anew when it is asked to, one time after another. One that is invalid changes nothing.
///
/// The file is read on a thread of its own, since a file system can keep one waiting; what it says is taken over on the
/// event loop.
final class Reloading: Sendable {
  private let read: @Sendable () throws -> Configuration
  private let controller: Controller
  private let manager: ServiceManager
  private let loop: any EventLoop
  private let logger: Logger
  private let threads = NIOThreadPool(numberOfThreads: 1)

  init(
    read: @escaping @Sendable () throws -> Configuration, controller: Controller, manager: ServiceManager,
    loop: any EventLoop, logger: Logger
  ) {
    self.read = read
    self.controller = controller
    self.manager = manager
    self.loop = loop
    self.logger = logger
    threads.start()
  }

  /// Begins to reload. Does not wait.
  func request() {
    threads.runIfActive(eventLoop: loop) { [self] in
      controller.willReload()
      manager.reloading()
      return try read()
    }.flatMapThrowing { [self] in try controller.use($0) }.whenComplete { [self] result in
      switch result {
      case .success:
        logger.notice("configuration reloaded")
        manager.ready(status: "Configuration reloaded")
      case .failure(let error):
        logger.error("the configuration stays as it was: \(error)")
        manager.ready(status: "The changed configuration is invalid, the old one is in effect")
      }
    }
  }
}
