public import Affect
internal import DequeModule
internal import NIOCore

/// Tells everyone: the clients of the socket, the OSC destinations, and those who have subscribed over OSC.
///
/// Its methods may be called from any thread unless they say otherwise; none waits. All work is done on one event loop.
public final class Publisher: Sendable {
  private let loop: any EventLoop
  private let socket: SocketServer
  private let sockets: OSCSockets
  private let state: NIOLoopBoundBox<State>
  private let onProblem: @Sendable (String) -> Void
  private let onCommand: SocketServer.CommandHandler

  /// What may change while affectd runs.
  public struct Settings: Sendable, Equatable {
    public var osc: [OSCDestination]
    public var control: OSCEndpoint?
    public var socketOnLoss: LossPolicy
    /// Milliseconds: positive ones publish later, negative ones only shift the time stamps.
    public var offset: Double

    public init(osc: [OSCDestination], control: OSCEndpoint?, socketOnLoss: LossPolicy, offset: Double) {
      self.osc = osc
      self.control = control
      self.socketOnLoss = socketOnLoss
      self.offset = offset
    }
  }

  private struct Delayed {
    let number: Int
    let publish: @Sendable () -> Void
  }

  private struct State {
    var settings: Settings
    var senders: [OSCSender] = []
    var control: OSCControlServer?
    var socketFader: LossFader
    var latest: TimedEstimate?
    var trackerState = TrackerState.starting
    var isPaused = false
    /// Nothing follows the goodbye.
    var isClosed = false
    /// What waits for the offset, in the order in which it came.
    var waiting: Deque<Delayed> = []
    var delayedCount = 0
    var metrics: Metrics
  }

  /// Opens the sockets of OSC. Everything that comes over `socket` or the control port goes to `onCommand`, which is
  /// called on the event loop.
  ///
  /// - Parameter onProblem: told of messages that could not be used.
  /// - Throws: ``PublishingError`` if a host is not known or a port is taken.
  public static func open(
    _ settings: Settings, socket: SocketServer, onCommand: @escaping SocketServer.CommandHandler,
    onProblem: @escaping @Sendable (String) -> Void
  ) async throws -> Publisher {
    let publisher = Publisher(
      settings, socket, try await OSCSockets.open(on: socket.eventLoop), onCommand, onProblem)
    do {
      try await publisher.use(settings)
    } catch {
      await publisher.sockets.close()
      throw error
    }
    return publisher
  }

  private init(
    _ settings: Settings, _ socket: SocketServer, _ sockets: OSCSockets,
    _ onCommand: @escaping SocketServer.CommandHandler, _ onProblem: @escaping @Sendable (String) -> Void
  ) {
    loop = socket.eventLoop
    self.socket = socket
    self.sockets = sockets
    self.onCommand = onCommand
    self.onProblem = onProblem
    let initial = State(
      settings: Settings(osc: [], control: nil, socketOnLoss: settings.socketOnLoss, offset: settings.offset),
      socketFader: LossFader(settings.socketOnLoss), metrics: Metrics(startTime: Self.now))
    state = NIOLoopBoundBox.makeBoxSendingValue(initial, eventLoop: loop)
  }

  /// Goes over to other settings. What has not changed goes on as it was.
  ///
  /// - Throws: ``PublishingError``; the settings stay as they were then.
  public func use(_ settings: Settings) async throws {
    var addresses: [SocketAddress] = []
    for destination in settings.osc { addresses.append(try OSCSockets.resolve(destination)) }
    let before = try await loop.submit { [self] in state.value.settings.control }.get()
    var control: NIOLoopBound<OSCControlServer>?
    if let endpoint = settings.control, endpoint != before {
      control = try await OSCControlServer.listen(endpoint, on: loop, onCommand: onCommand, onProblem: onProblem)
    }
    let resolved = addresses
    let opened = control
    let closing = try await loop.submit { [self] in apply(settings, resolved, opened?.value) }.get()
    // A port that was given up can be had again from here on.
    try? await closing?.get()
  }

  /// Publishes the estimate of a tick.
  public func publish(_ estimate: TimedEstimate) {
    loop.execute { [self] in later { [self] in deliver(estimate) } }
  }

  /// Publishes a change of state.
  public func publish(_ trackerState: TrackerState, unixTime: Double) {
    loop.execute { [self] in
      later { [self] in
        state.value.trackerState = trackerState
        guard !state.value.isPaused else { return }
        let offset = state.value.settings.offset / 1000
        socket.publishEvent(StateLine(trackerState, unixTime: unixTime + offset).json)
      }
    }
  }

  /// Puts a mark into the stream.
  ///
  /// - Parameter unixTime: seconds since 1970.
  public func publishMark(_ label: String, unixTime: Double) {
    loop.execute { [self] in socket.publishEvent(MarkLine(label: label, unixTime: unixTime).json) }
  }

  public func use(_ counters: InputCounters) {
    loop.execute { [self] in state.value.metrics.input = counters }
  }

  /// Whether nothing is published. To be used on the event loop.
  public var isPaused: Bool {
    get { state.value.isPaused }
    set { state.value.isPaused = newValue }
  }

  /// Milliseconds. To be used on the event loop.
  public var offset: Double {
    get { state.value.settings.offset }
    set { state.value.settings.offset = newValue }
  }

  /// The state, and what was published last. To be used on the event loop.
  public var stateReport: JSONLine {
    var line = JSONLine()
    line.add("state", state.value.trackerState.rawValue)
    line.add("meaning", state.value.trackerState.meaning)
    line.add("paused", state.value.isPaused)
    line.add("offset", state.value.settings.offset)
    if let latest = state.value.latest {
      line.add("latest", AffectLine(latest.estimate, unixTime: latest.unixTime).object)
    }
    return line
  }

  /// The metrics of this moment. To be used on the event loop.
  public var metricsReport: JSONLine { metrics.json(now: Self.now) }

  /// The same for Prometheus.
  public var prometheusReport: String { metrics.prometheus(now: Self.now) }

  /// Publishes what waits for the offset, tells the destinations that nothing follows, and closes everything but the
  /// socket's server.
  public func close() async {
    let closed = loop.submit { [self] () -> EventLoopFuture<Void>? in
      publishWaiting()
      sayGoodbye()
      state.value.isClosed = true
      return state.value.control?.close()
    }
    if let future = try? await closed.get() { try? await future.get() }
    await sockets.close()
  }

  // MARK: - On the event loop

  private static var now: Double { SystemClock().now }

  /// Returns when a control port that is no longer wanted is closed.
  private func apply(
    _ settings: Settings, _ addresses: [SocketAddress], _ control: OSCControlServer?
  ) -> EventLoopFuture<Void>? {
    let senders = zip(settings.osc, addresses).map { destination, address in
      // A sender that stays keeps its counters and its place between two values.
      state.value.senders.first { $0.destination == destination }
        ?? OSCSender(destination, channel: sockets.channel(for: address), address: address)
    }
    state.value.senders = senders
    var closing: EventLoopFuture<Void>?
    if settings.control != state.value.settings.control {
      closing = state.value.control?.close()
      state.value.control = control
    }
    if settings.socketOnLoss != state.value.settings.socketOnLoss {
      state.value.socketFader = LossFader(settings.socketOnLoss)
    }
    state.value.settings = settings
    return closing
  }

  /// Runs `body` after the offset, if that is positive. The order stays when the offset becomes smaller.
  private func later(_ body: @escaping @Sendable () -> Void) {
    let offset = state.value.settings.offset
    guard offset > 0 else {
      publishWaiting()
      return body()
    }
    state.value.delayedCount += 1
    let number = state.value.delayedCount
    state.value.waiting.append(Delayed(number: number, publish: body))
    loop.scheduleTask(in: .microseconds(Int64(offset * 1000))) { [self] in publishWaiting(upTo: number) }
  }

  private func publishWaiting(upTo number: Int = .max) {
    while let first = state.value.waiting.first, first.number <= number {
      state.value.waiting.removeFirst()
      first.publish()
    }
  }

  private func deliver(_ timed: TimedEstimate) {
    let offset = state.value.settings.offset / 1000
    let unixTime = timed.unixTime + offset
    state.value.latest = TimedEstimate(timed.estimate, unixTime: unixTime)
    state.value.trackerState = timed.estimate.state
    // The fader sees every tick, also those of a pause.
    let affect = state.value.socketFader.apply(timed.estimate)
    guard !state.value.isPaused, !state.value.isClosed else { return }
    // The few OSC packets first: a thousand clients take a while.
    for sender in state.value.senders { sender.send(timed.estimate, unixTime: unixTime) }
    state.value.control?.publish(timed.estimate, unixTime: unixTime)
    state.value.metrics.ticks += 1
    if let timing = timed.timing {
      state.value.metrics.add(timing, packetTime: Self.now - max(0, offset))
    }
    socket.publish(AffectLine(timed.estimate.replacingSmoothed(affect), unixTime: unixTime))
  }

  private func sayGoodbye() {
    guard let latest = state.value.latest, !state.value.isPaused else { return }
    let estimate = latest.estimate.stopped
    for sender in state.value.senders { sender.send(estimate, unixTime: latest.unixTime) }
    state.value.control?.publish(estimate, unixTime: latest.unixTime)
  }

  private var metrics: Metrics {
    var metrics = state.value.metrics
    metrics.socket = socket.counters
    metrics.destinations = state.value.senders.map {
      Metrics.Destination(name: $0.destination.name, sent: $0.counters.sent, dropped: $0.counters.dropped)
    }
    if let control = state.value.control {
      metrics.oscSubscribers = control.leaseCount
      metrics.oscControlMessages = control.counters.messages
      metrics.oscMalformedPackets = control.counters.malformedPackets
      metrics.oscRefusedMessages = control.counters.refusedMessages
    }
    return metrics
  }
}

extension AffectEstimate {
  /// The estimate with `affect` for its smoothed values; nil takes all values away.
  fileprivate func replacingSmoothed(_ affect: Affect?) -> AffectEstimate {
    guard affect != values?.smoothed else { return self }
    let new = affect.map {
      Values(
        smoothed: $0, raw: values?.raw, trend: values?.trend ?? .steady, quadrant: values?.quadrant,
        confidence: values?.confidence)
    }
    return AffectEstimate(
      tick: tick, audioTime: audioTime, values: new, level: level, state: state, gap: gap, isFrozen: isFrozen)
  }

  /// The last estimate of all.
  fileprivate var stopped: AffectEstimate {
    AffectEstimate(
      tick: tick, audioTime: audioTime, values: values, level: level, state: .stopping, isFrozen: isFrozen)
  }
}
