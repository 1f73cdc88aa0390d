import Affect
import ArgumentParser
import CommandLineSupport
import Glibc
import NIOCore
import NIOPosix
import Platform
import Publishing

/// Where values go that do not come from audio: as affectd's do.
struct PublishingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The Unix socket to listen on. (default: as for affectd)", valueName: "path"),
    completion: .file())
  var socket: String?

  @Option(help: ArgumentHelp("Where OSC goes; may be given several times.", valueName: "host:port"))
  var osc: [HostEndpoint] = []

  @Option(help: ArgumentHelp("affectd's configuration file.", valueName: "file"), completion: .file())
  var config: String?

  /// Opens the socket and OSC.
  ///
  /// - Throws: ``Failure`` if the configuration is wrong, or the socket or a port cannot be had.
  func open(_ hello: HelloLine) async throws -> PublishingWithoutAudio {
    var configuration = Configuration()
    if let path = config ?? ConfigurationFile.standardPath { configuration = try ConfigurationFile.read(path) }
    // A loss is in the values already.
    configuration.socketOnLoss = .hold
    if !osc.isEmpty {
      configuration.osc = osc.enumerated().map {
        OSCDestination(name: "option-\($0.offset + 1)", endpoint: $0.element)
      }
    }
    let path = try socket ?? configuration.socket ?? SocketLocation.forDaemon()
    return try await PublishingWithoutAudio.open(hello, configuration, socket: path)
  }
}

/// A socket and OSC as affectd has them, without an input: for `replay` and `simulate`.
struct PublishingWithoutAudio: Sendable {
  let publisher: Publisher
  private let server: SocketServer

  /// - Throws: ``Failure`` if the socket or a port cannot be had.
  ///
  /// - Parameter path: the socket to listen on.
  static func open(
    _ hello: HelloLine, _ configuration: Configuration, socket path: String
  ) async throws -> PublishingWithoutAudio {
    signal(SIGPIPE, SIG_IGN)
    Interruption.catchSignals()
    let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
    let requests = Requests()
    let server = try await SocketServer.listen(
      .path(path), hello: hello.json,
      clientLimit: configuration.socketClients, on: loop
    ) { requests.handle($0, on: loop) }
    do {
      let publisher = try await Publisher.open(
        configuration.publisher, socket: server, onCommand: { requests.handle($0, on: loop) },
        onRemark: { Console.warn("affectctl", $0.text) })
      requests.begin(publisher)
      return PublishingWithoutAudio(publisher: publisher, server: server)
    } catch {
      await server.close()
      throw error
    }
  }

  func close() async {
    await publisher.close()
    await server.close()
  }

  /// Waits, in steps so short that Ctrl-C is noticed.
  static func wait(until time: Double) async {
    while !Interruption.isRequested {
      let rest = time - SystemClock().now
      guard rest > 0 else { return }
      try? await Task.sleep(for: .seconds(min(rest, 0.1)))
    }
  }

  /// What can be asked: less than of affectd, for there is no input.
  private final class Requests: Sendable {
    private let publisher = Locked<Publisher?>(nil)

    func begin(_ publisher: Publisher) {
      self.publisher.withValue { $0 = publisher }
    }

    func handle(_ command: ControlCommand, on loop: any EventLoop) -> EventLoopFuture<JSONLine> {
      guard let publisher = publisher.withValue({ $0 }) else {
        return loop.makeFailedFuture(Failure(.unavailable, "it is still starting"))
      }
      switch command {
      case .getState: return loop.makeSucceededFuture(publisher.stateReport)
      case .getStats: return loop.makeSucceededFuture(publisher.metricsReport)
      case .pause: publisher.isPaused = true
      case .resume: publisher.isPaused = false
      case .mark(let label): publisher.publishMark(label, unixTime: SystemClock().wall)
      case .set(let adjustment):
        guard let offset = adjustment.offset, adjustment.smoothing == nil, adjustment.gain == nil,
          Configuration.offsets.contains(offset)
        else {
          return loop.makeFailedFuture(
            Failure(.usage, "without an input there is an offset of -10000 to 10000 ms only"))
        }
        publisher.offset = offset
      case .endCalibration: break
      case .getConfig, .freeze, .reset, .calibrate:
        return loop.makeFailedFuture(Failure(.usage, "there is no input that could do that"))
      }
      return loop.makeSucceededFuture(JSONLine())
    }
  }
}
