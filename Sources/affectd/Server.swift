import Affect
import AudioInput
import CommandLineSupport
import Glibc
import Logging
import NIOCore
import NIOPosix
import Publishing
import ServiceLifecycle
import Tracking
import UnixSignals

/// Puts the parts together, and runs them until the input ends or somebody ends affectd.
struct Server: Sendable {
  private let configuration: Configuration
  private let reload: @Sendable () throws -> Configuration
  private let logger: Logger

  /// - Parameter reload: reads the configuration anew.
  init(
    _ configuration: Configuration, reload: @escaping @Sendable () throws -> Configuration, logger: Logger
  ) {
    self.configuration = configuration
    self.reload = reload
    self.logger = logger
  }

  func run(_ pipeline: sending Pipeline, _ signals: UnixSignalsSequence) async throws {
    var configuration = configuration
    let capture = try openInput(&configuration)
    let manager = ServiceManager()
    let store = CalibrationStore()
    if let path = configuration.input.numberedCard {
      logger.warning("\(path) names a card by its number, which may be another card's tomorrow: use alsa:hw:CARD=NAME")
    }
    let gain = effectiveGain(configuration, store)
    let controller = Controller(
      self.configuration, inEffect: configuration, store: store, gain: gain, logger: logger)

    // Everything that can fail is opened before the threads start.
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = loops.next()
    let hello = HelloLine(
      input: configuration.inputText, embedding: pipeline.embeddingName, model: pipeline.modelName,
      hop: configuration.pipeline.hop)
    let address = try socketAddress(configuration)
    let socket = try await SocketServer.listen(
      address, hello: hello.json, clientLimit: configuration.socketClients, on: loop
    ) { controller.handle($0, on: loop) }
    let publisher: Publisher
    let metrics: MetricsServer?
    do {
      let problems = ProblemLog(logger)
      publisher = try await Publisher.open(
        configuration.publisher, socket: socket, onCommand: { controller.handle($0, on: loop) },
        onProblem: { problems.report($0) })
      metrics = try await openMetrics(configuration, publisher, loop)
    } catch {
      await socket.close()
      throw error
    }
    if let capture { TrackingService.log(InputDescription(capture), of: configuration.inputText, logger) }
    logger.info(
      "\(pipeline.embeddingName), \(pipeline.modelName), a value every \(configuration.pipeline.hop.seconds) s")
    logStart(configuration, address)

    let (events, continuation) = AsyncStream.makeStream(of: TrackingEvent.self)
    let (shown, showing) = AsyncStream.makeStream(of: AffectEstimate.self, bufferingPolicy: .bufferingNewest(4))
    let tracker = pipeline.makeTracker()
    tracker.gain = gain
    let (input, channel) = (configuration.input, configuration.pipeline.channel)
    let source = TrackingThread.Input(capture: capture) { () throws(AudioInputError) in
      try input.startCapture(channel: channel)
    }
    let onEvent = { @Sendable (event: TrackingEvent) in
      switch event {
      case .estimate(let estimate):
        publisher.publish(estimate)
        showing.yield(estimate.estimate)
      case .state(let state, let unixTime):
        publisher.publish(state, unixTime: unixTime)
        continuation.yield(event)
      case .counters(let counters):
        publisher.use(counters)
        continuation.yield(event)
      default:
        continuation.yield(event)
      }
    }
    let tracking = TrackingThread.start(
      tracker, input: source, onTurn: { manager.feedWatchdog() }, onEvent: onEvent)
    controller.begin(publisher, tracking)
    let display = configuration.showsValues || Console.outputIsTerminal ? TerminalDisplay() : nil
    let displaying = Task { for await estimate in shown { display?.show(estimate) } }
    let service = TrackingService(
      tracking: tracking, events: events, controller: controller, manager: manager,
      input: configuration.inputText, logger: logger)
    defer {
      displaying.cancel()
      display?.finish()
    }
    let failure = await runServices(service, signals, controller, manager)
    manager.stopping()
    await metrics?.close()
    await publisher.close()
    await socket.close()
    if let failure { throw failure }
  }

  // MARK: - Opening

  /// Opens the input, or the demo piece in its place. Nil if the device is waited for.
  private func openInput(_ configuration: inout Configuration) throws -> Capture? {
    do {
      return try configuration.input.startCapture(channel: configuration.pipeline.channel)
    } catch {
      if configuration.waitsForInput && configuration.input.isDevice {
        logger.warning("\(error.description); waiting for it")
        return nil
      }
      if configuration.fallsBackToDemo {
        logger.notice("\(error.description): playing the built-in demo piece instead")
        try configuration.setInput("demo")
        return try configuration.input.startCapture(channel: .average)
      }
      guard configuration.input.isDevice else { throw error }
      let devices = DeviceTable.text(CaptureDevice.all())
      throw ProgramFailure(.noInput, "\(error.description)\nCapture devices:\n\(devices)")
    }
  }

  /// The gain of the configuration or of an earlier calibration, dB. A calibration that cannot be read does not keep
  /// affectd from listening.
  private func effectiveGain(_ configuration: Configuration, _ store: CalibrationStore) -> Double {
    if let gain = configuration.gain { return gain }
    do throws(ProgramFailure) {
      return try store.gain(for: configuration.inputText) ?? 0
    } catch {
      logger.warning("\(error.description)")
      return 0
    }
  }

  private func socketAddress(_ configuration: Configuration) throws -> SocketServer.Address {
    if let descriptor = try SocketActivation.descriptor() { return .descriptor(descriptor) }
    return .path(try configuration.socket ?? SocketLocation.forDaemon())
  }

  private func openMetrics(
    _ configuration: Configuration, _ publisher: Publisher, _ loop: any EventLoop
  ) async throws -> MetricsServer? {
    guard let port = configuration.metricsPort else { return nil }
    return try await MetricsServer.listen(port: port, on: loop) { publisher.prometheusReport }
  }

  private func logStart(_ configuration: Configuration, _ address: SocketServer.Address) {
    switch address {
    case .path(let path): logger.info("socket \(path)")
    case .descriptor: logger.info("socket from systemd")
    }
    if let control = configuration.control { logger.info("OSC control on \(control)") }
    if let port = configuration.metricsPort { logger.info("metrics on http://127.0.0.1:\(port)/metrics") }
    let destinations = configuration.osc.map(\.endpoint.description).joined(separator: ", ")
    logger.info("OSC to \(destinations.isEmpty ? "nobody" : destinations)")
  }

  // MARK: - Running

  /// Runs until the end, and returns why it ended if that was a failure.
  private func runServices(
    _ service: TrackingService, _ signals: UnixSignalsSequence, _ controller: Controller, _ manager: ServiceManager
  ) async -> (any Error)? {
    var group = ServiceGroupConfiguration(
      services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
      logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })  // its messages are about itself
    // A network in the middle of a slow window is not waited for.
    group.maximumGracefulShutdownDuration = .milliseconds(500)
    let services = ServiceGroup(configuration: group)
    let waiting = Task {
      var isEnding = false
      for await signal in signals {
        if signal == .sighup {
          await use(controller, manager)
        } else if isEnding {
          // The second time it is meant at once.
          _exit(128 + signal.rawValue)
        } else {
          isEnding = true
          await services.triggerGracefulShutdown()
        }
      }
    }
    defer { waiting.cancel() }
    do {
      try await services.run()
      return nil
    } catch {
      return error
    }
  }

  /// Reads the configuration anew. One that is invalid changes nothing.
  private func use(_ controller: Controller, _ manager: ServiceManager) async {
    manager.reloading()
    do {
      try await controller.use(reload())
      logger.notice("configuration reloaded")
      manager.ready(status: "Configuration reloaded")
    } catch {
      logger.error("the configuration stays as it was: \(ProgramFailure(error).description)")
      manager.ready(status: "The changed configuration is invalid, the old one is in effect")
    }
  }
}
