import Affect
import AudioInput
import CommandLineSupport
import Glibc
import Logging
import NIOCore
import NIOPosix
import Platform
import Publishing
import Tracking

/// Puts the parts together, and runs them until the input ends or somebody ends affectd.
struct Server: Sendable {
  private let configuration: Configuration
  private let clientLimit: Int
  private let reload: @Sendable () throws -> Configuration
  private let logger: Logger

  /// - Parameters:
  ///   - clientLimit: clients of the socket for which there are descriptors.
  ///   - reload: reads the configuration anew.
  init(
    _ configuration: Configuration, clientLimit: Int, reload: @escaping @Sendable () throws -> Configuration,
    logger: Logger
  ) {
    self.configuration = configuration
    self.clientLimit = clientLimit
    self.reload = reload
    self.logger = logger
  }

  /// - Parameter signals: where ``ProcessSignals`` can be read.
  func run(_ pipeline: sending Pipeline, signals: Int32) async throws {
    var configuration = configuration
    let capture = try openInput(&configuration)
    let manager = ServiceManager()
    let store = CalibrationStore()
    if let path = configuration.input.numberedCard {
      logger.warning("\(path) names a card by its number, which may be another card's tomorrow: use alsa:hw:CARD=NAME")
    }
    let venue = store.effective(configuration, input: configuration.inputText, logger)
    let controller = Controller(
      self.configuration, inEffect: configuration, store: store, venue: venue, logger: logger)

    // Everything that can fail is opened before the threads start.
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = loops.next()
    let hello = HelloLine(
      input: configuration.inputText, embedding: pipeline.embeddingName, model: pipeline.modelName,
      hop: configuration.pipeline.hop)
    let address = try socketAddress(configuration)
    let problems = ProblemLog(logger)
    let logger = logger
    let onRemark = { @Sendable (remark: PublishingRemark) in
      switch remark {
      case .misuse(let text): problems.report(text)
      case .outage(let text): logger.warning("\(text)")
      case .recovery(let text): logger.notice("\(text)")
      }
    }
    if clientLimit < configuration.socketClients {
      logger.warning(
        """
        socket.clients is \(configuration.socketClients), but there are descriptors for \(clientLimit) only: raise \
        ulimit -n, or LimitNOFILE= in the unit
        """)
    }
    let socket = try await SocketServer.listen(
      address, hello: hello.json, clientLimit: min(clientLimit, configuration.socketClients), on: loop,
      onRemark: onRemark
    ) { controller.handle($0, on: loop) }
    let publisher: Publisher
    let metrics: MetricsServer?
    let web: WebServer?
    do {
      web = try await openWeb(configuration, hello, controller, loop, onRemark)
      publisher = try await Publisher.open(
        configuration.publisher, socket: socket, web: web, makeComponent: { KeptNumber.component(logger) },
        onCommand: { controller.handle($0, on: loop) },
        onRemark: onRemark)
      metrics = try await openMetrics(configuration, publisher, loop, onRemark)
    } catch {
      await socket.close()
      throw error
    }
    if let capture { TrackingService.log(InputDescription(capture), of: configuration.inputText, logger) }
    logger.info(
      "\(pipeline.embeddingName), \(pipeline.modelName), a value every \(configuration.pipeline.hop.seconds) s")
    logStart(configuration, address)

    let (events, continuation) = AsyncStream.makeStream(of: TrackingEvent.self)
    var monitor: TerminalMonitor?
    if configuration.showsValues, case .path(let path) = address {
      monitor = TerminalMonitor(socket: path)
    }
    defer { monitor?.finish() }
    let isShown = monitor == nil && (configuration.showsValues || Console.outputIsTerminal)
    let display = isShown ? TerminalDisplay() : nil
    defer { display?.finish() }
    let tracker = pipeline.makeTracker()
    tracker.gain = venue.gain
    tracker.filter = venue.filter
    let (input, channel, hop) = (configuration.input, configuration.pipeline.channel, configuration.pipeline.hop)
    let source = TrackingThread.Input(capture: capture) { () throws(Failure) in
      try input.startCapture(channel: channel, hop: hop)
    }
    let onEvent = { @Sendable (event: TrackingEvent) in
      switch event {
      case .estimate(let estimate):
        publisher.publish(estimate)
        // The inference thread writes no text.
        if let display { loop.execute { display.show(estimate.estimate) } }
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
      tracker, input: source, priority: configuration.inferencePriority, onTurn: { manager.feedWatchdog() },
      onEvent: onEvent)
    controller.begin(publisher, tracking)
    let service = TrackingService(
      events: events, controller: controller, manager: manager, input: configuration.inputText, logger: logger)
    let reloading = Reloading(read: reload, controller: controller, manager: manager, loop: loop, logger: logger)
    ProcessSignals.deliver(from: signals) { request in
      switch request {
      case .reload: reloading.request()
      case .end:
        tracking.send(.stop)
        // A network in the middle of a slow window is not waited for.
        loop.scheduleTask(in: .milliseconds(500)) { continuation.finish() }
      }
    }
    var failure: (any Error)?
    do { try await service.run() } catch { failure = error }
    manager.stopping()
    await metrics?.close()
    await publisher.close()
    await web?.close()
    await socket.close()
    if let failure { throw failure }
  }

  // MARK: - Opening

  /// Opens the input, or the demo piece in its place. Nil if the device is waited for.
  private func openInput(_ configuration: inout Configuration) throws -> Capture? {
    do {
      return try configuration.input.startCapture(
        channel: configuration.pipeline.channel, hop: configuration.pipeline.hop)
    } catch {
      if configuration.waitsForInput && configuration.input.isDevice {
        logger.warning("\(error.description); waiting for it")
        return nil
      }
      if configuration.fallsBackToDemo {
        logger.notice("\(error.description): playing the built-in demo piece instead")
        try configuration.setInput("demo")
        return try configuration.input.startCapture(channel: .average, hop: configuration.pipeline.hop)
      }
      guard configuration.input.isDevice else { throw error }
      let devices = DeviceTable.text(CaptureDevice.all())
      throw Failure(
        .noInput, "\(error.description)\nCapture devices:\n\(devices)\nWithout a device: affectd --input demo")
    }
  }

  private func socketAddress(_ configuration: Configuration) throws -> SocketServer.Address {
    if let descriptor = try SocketActivation.descriptor() { return .descriptor(descriptor) }
    return .path(try configuration.socket ?? SocketLocation.forDaemon())
  }

  private func openMetrics(
    _ configuration: Configuration, _ publisher: Publisher, _ loop: any EventLoop,
    _ onRemark: @escaping @Sendable (PublishingRemark) -> Void
  ) async throws -> MetricsServer? {
    guard let port = configuration.metricsPort else { return nil }
    return try await MetricsServer.listen(port: port, on: loop, onRemark: onRemark) { publisher.prometheusReport }
  }

  private func openWeb(
    _ configuration: Configuration, _ hello: HelloLine, _ controller: Controller, _ loop: any EventLoop,
    _ onRemark: @escaping @Sendable (PublishingRemark) -> Void
  ) async throws -> WebServer? {
    guard configuration.hasWebPage else { return nil }
    let hostName = HostName.own
    let (host, port) = (configuration.webHost, configuration.webPort)
    let token = KeptNumber.webToken(logger)
    let server = try await WebServer.listen(
      on: host, port: port, hello: hello.json,
      access: WebAccess(listeningOn: host, token: token, hostName: hostName), on: loop, onRemark: onRemark
    ) { controller.handle($0, on: loop) }
    // Whoever is to open it needs an address, not "all of them".
    let shown = ["0.0.0.0", "::"].contains(host) ? hostName : host.contains(":") ? "[\(host)]" : host
    logger.info("web page on http://\(shown):\(port)/\(WebAccess.isLoopback(host) ? "" : "?token=\(token)")")
    return server
  }

  private func logStart(_ configuration: Configuration, _ address: SocketServer.Address) {
    switch address {
    case .path(let path): logger.info("socket \(path)")
    case .descriptor: logger.info("socket from systemd")
    }
    if let control = configuration.control { logger.info("OSC control on \(control)") }
    if let port = configuration.metricsPort { logger.info("metrics on http://127.0.0.1:\(port)/metrics") }
    let publisher = configuration.publisher
    for output in publisher.dmx {
      logger.info("DMX universe \(output.universe) to \(output.endpoint) (\(output.networkProtocol.rawValue))")
    }
    for lamp in publisher.wled { logger.info("WLED lamp \(lamp.name) at \(lamp.endpoint)") }
    if let midi = publisher.midi { logger.info("MIDI port of the sequencer's client \(midi.client)") }
    if let broker = publisher.mqtt { logger.info("MQTT broker \(broker.endpoint), topics \(broker.topic)/...") }
    let destinations = configuration.osc.map(\.endpoint.description).joined(separator: ", ")
    logger.info("OSC to \(destinations.isEmpty ? "nobody" : destinations)")
  }
}
