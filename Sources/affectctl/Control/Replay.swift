import Affect
import ArgumentParser
import AudioInput
import CommandLineSupport
import Glibc
import NIOCore
import NIOPosix
import Platform
import Publishing

struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publishes a recording again, with its timing, over a socket and OSC as affectd does.",
    discussion: "So a show can be programmed without the band. The settings for OSC are those of affectd.")

  @Argument(help: ArgumentHelp("What `affectctl record` wrote.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The Unix socket to listen on. (default: as for affectd)", valueName: "path"))
  var socket: String?

  @Option(help: ArgumentHelp("Where OSC goes; may be given several times.", valueName: "host:port"))
  var osc: [OSCEndpoint] = []

  @Option(help: ArgumentHelp("affectd's configuration file.", valueName: "file"))
  var config: String?

  @Flag(help: "Begin again at the end.")
  var `repeat` = false

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      signal(SIGPIPE, SIG_IGN)
      Interruption.catchSignals()
      var configuration = Configuration()
      if let path = config ?? ConfigurationFile.standardPath { configuration = try ConfigurationFile.read(path) }
      // A loss is in the recorded values already.
      configuration.socketOnLoss = .hold
      if !osc.isEmpty {
        configuration.osc = osc.enumerated().map {
          OSCDestination(name: "option-\($0.offset + 1)", endpoint: $0.element)
        }
      }
      // A recording that is broken is refused before anybody hears of it.
      let hop = try RecordingFile(path: file).check()
      let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
      let replayed = Replayed()
      let hello = HelloLine(input: "replay:\(file)", embedding: "recorded", model: "recorded", hop: hop)
      let server = try await SocketServer.listen(
        .path(try socket ?? configuration.socket ?? SocketLocation.forDaemon()), hello: hello.json,
        clientLimit: configuration.socketClients, on: loop
      ) { replayed.handle($0, on: loop) }
      let publisher: Publisher
      do {
        publisher = try await Publisher.open(
          configuration.publisher, socket: server, onCommand: { replayed.handle($0, on: loop) },
          onRemark: { Console.warn("affectctl", $0.text) })
      } catch {
        await server.close()
        throw error
      }
      replayed.begin(publisher)
      Console.writeError("affectctl: replaying \(file)\n")
      do {
        repeat {
          guard try await play(publisher) else {
            throw Failure(.invalidData, "\(file): holds nothing that could be published")
          }
          // The first hop comes as long after the last one as hops do.
          if self.repeat { await wait(until: SystemClock().now + hop.seconds) }
        } while self.repeat && !Interruption.isRequested
      } catch {
        await publisher.close()
        await server.close()
        throw error
      }
      await publisher.close()
      await server.close()
    }
  }

  /// Publishes the recording once. Its first entry is published at once, the others as long after it as they were.
  /// Ends early if the person asks for it.
  ///
  /// - Returns: whether there was anything.
  private func play(_ publisher: Publisher) async throws -> Bool {
    let clock = SystemClock()
    var reader = try RecordingFile(path: file)
    // By a clock that nobody sets; what is published has the time on the wall.
    var start: (recorded: Double, now: Double, wall: Double)?
    while let entry = try reader.next() {
      guard let recorded = entry.unixTime else { continue }
      let first = start ?? (recorded, clock.now, clock.wall)
      start = first
      let elapsed = recorded - first.recorded
      await wait(until: first.now + elapsed)
      if Interruption.isRequested { break }
      let time = first.wall + elapsed
      switch entry {
      case .hello: break
      case .estimate(let estimate): publisher.publish(TimedEstimate(estimate.estimate, unixTime: time))
      case .state(let state, _): publisher.publish(state, unixTime: time)
      case .mark(let label, _): publisher.publishMark(label, unixTime: time)
      }
    }
    return start != nil
  }

  /// Waits, in steps so short that Ctrl-C is noticed.
  private func wait(until time: Double) async {
    while !Interruption.isRequested {
      let rest = time - SystemClock().now
      guard rest > 0 else { return }
      try? await Task.sleep(for: .seconds(min(rest, 0.1)))
    }
  }
}

/// What can be asked of a replay: less than of affectd, for there is no input.
private final class Replayed: Sendable {
  private let publisher = Locked<Publisher?>(nil)

  func begin(_ publisher: Publisher) {
    self.publisher.withValue { $0 = publisher }
  }

  func handle(_ command: ControlCommand, on loop: any EventLoop) -> EventLoopFuture<JSONLine> {
    guard let publisher = publisher.withValue({ $0 }) else {
      return loop.makeFailedFuture(Failure(.unavailable, "the replay is still starting"))
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
      else { return loop.makeFailedFuture(Failure(.usage, "a replay has an offset of -10000 to 10000 ms only")) }
      publisher.offset = offset
    case .endCalibration: break
    case .getConfig, .freeze, .reset, .calibrate:
      return loop.makeFailedFuture(Failure(.usage, "a replay cannot do that"))
    }
    return loop.makeSucceededFuture(JSONLine())
  }
}
