public import Affect
internal import NIOCore
public import Platform

/// Tells everyone: the clients of the socket and of the web page, the OSC destinations, and those who have subscribed over OSC.
///
/// Its methods may be called from any thread unless they say otherwise; none waits. All work is done on one event loop.
public final class Publisher: Sendable {
  private let loop: any EventLoop
  private let socket: SocketServer
  private let web: WebServer?
  private let state: NIOLoopBoundBox<State>
  private let makeComponent: @Sendable () -> ComponentIdentifier
  private let lookUp: HostLookUp
  private let onRemark: @Sendable (PublishingRemark) -> Void
  private let onCommand: SocketServer.CommandHandler

  /// What may change while affectd runs.
  public struct Settings: Sendable, Equatable {
    public var osc: [OSCDestination]
    public var dmx: [DMXDestination] = []
    public var wled: [WLEDDestination] = []
    public var mqtt: MQTTDestination?
    public var midi: MIDIDestination?
    /// Its host is an address, see ``HostName/isAddress(_:)``.
    public var control: HostEndpoint?
    /// The networks from which control messages are heard; nil for those that the machine is in.
    public var controlAllow: [IPNetwork]?
    /// Whether Avahi announces the control port, if others can reach it.
    public var announcesControl = true
    public var socketOnLoss: LossPolicy
    /// Milliseconds: positive ones publish later, negative ones only shift the time stamps.
    public var offset: Double
    public var palette: MoodPalette

    public init(
      osc: [OSCDestination], control: HostEndpoint?, controlAllow: [IPNetwork]? = nil, socketOnLoss: LossPolicy,
      offset: Double, palette: MoodPalette = .standard
    ) {
      self.palette = palette
      self.osc = osc
      self.control = control
      self.controlAllow = controlAllow
      self.socketOnLoss = socketOnLoss
      self.offset = offset
    }
  }

  private struct State {
    var settings: Settings
    let outputs = Outputs()
    var control: OSCControlServer?
    var announcement: ServiceAnnouncement?
    var component: ComponentIdentifier?
    var socketFader: LossFader
    var latest: TimedEstimate?
    var trackerState = TrackerState.starting
    var isPaused = false
    /// Nothing follows the goodbye.
    var isClosed = false
    let delayLine: DelayLine
    /// Whether the device is lost.
    var inputIsMissing = false
    var metrics: Metrics
  }

  /// Opens the sockets of OSC. Everything that comes over `socket` or the control port goes to `onCommand`, which is
  /// called on the event loop.
  ///
  /// - Parameters:
  ///   - makeComponent: says what receivers of sACN know this affectd by, when there are some.
  ///   - onRemark: told what does not work and what works again, on the event loop.
  ///   - lookUp: finds the addresses of hosts. A host without an address keeps nobody waiting.
  /// - Throws: ``Failure`` if a port is taken.
  public static func open(
    _ settings: Settings, socket: SocketServer, web: WebServer? = nil,
    makeComponent: @escaping @Sendable () -> ComponentIdentifier = ComponentIdentifier.random,
    onCommand: @escaping SocketServer.CommandHandler, onRemark: @escaping @Sendable (PublishingRemark) -> Void
  ) async throws -> Publisher {
    try await open(
      settings, socket: socket, web: web, makeComponent: makeComponent, lookUp: .system, onCommand: onCommand,
      onRemark: onRemark)
  }

  package static func open(
    _ settings: Settings, socket: SocketServer, web: WebServer? = nil,
    makeComponent: @escaping @Sendable () -> ComponentIdentifier = ComponentIdentifier.random, lookUp: HostLookUp,
    onCommand: @escaping SocketServer.CommandHandler,
    onRemark: @escaping @Sendable (PublishingRemark) -> Void
  ) async throws -> Publisher {
    try await socket.eventLoop.submit {
      let publisher = Publisher(settings, socket, web, makeComponent, lookUp, onCommand, onRemark)
      try publisher.use(settings)
      return publisher
    }.get()
  }

  private init(
    _ settings: Settings, _ socket: SocketServer, _ web: WebServer?,
    _ makeComponent: @escaping @Sendable () -> ComponentIdentifier,
    _ lookUp: HostLookUp,
    _ onCommand: @escaping SocketServer.CommandHandler, _ onRemark: @escaping @Sendable (PublishingRemark) -> Void
  ) {
    loop = socket.eventLoop
    self.socket = socket
    self.web = web
    self.makeComponent = makeComponent
    self.lookUp = lookUp
    self.onCommand = onCommand
    self.onRemark = onRemark
    let initial = State(
      settings: Settings(osc: [], control: nil, socketOnLoss: settings.socketOnLoss, offset: settings.offset),
      socketFader: LossFader(settings.socketOnLoss), delayLine: DelayLine(loop: loop),
      metrics: Metrics(startTime: Self.now))
    state = NIOLoopBoundBox(initial, eventLoop: loop)
  }

  /// Goes over to other settings, at once. What has not changed goes on as it was, but hosts are looked up anew. To be
  /// used on the event loop.
  ///
  /// - Throws: ``Failure`` if the control port cannot be had; the settings stay as they were then.
  public func use(_ settings: Settings) throws(Failure) {
    try useControl(settings)
    announceControl(settings)
    if settings.dmx.contains(where: { $0.networkProtocol == .sacn }), state.value.component == nil {
      state.value.component = makeComponent()
    }
    let surroundings = OutputSurroundings(
      loop: loop, lookUp: lookUp, inputIsMissing: state.value.inputIsMissing,
      component: state.value.component ?? .random(), onRemark: onRemark)
    state.value.outputs.use(settings, surroundings)
    if settings.socketOnLoss != state.value.settings.socketOnLoss {
      state.value.socketFader = LossFader(settings.socketOnLoss, replacing: state.value.socketFader)
    }
    state.value.settings = settings
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
        publishEvent(StateLine(trackerState, unixTime: unixTime + offset).json)
      }
    }
  }

  /// Puts a mark into the stream.
  ///
  /// - Parameter unixTime: seconds since 1970.
  public func publishMark(_ label: String, unixTime: Double) {
    loop.execute { [self] in publishEvent(MarkLine(label: label, unixTime: unixTime).json) }
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
    for outputs in state.value.outputs.all {
      // The kind that is there if nothing is said is told even if it was taken away.
      guard outputs.kind == .osc || !outputs.statuses.isEmpty else { continue }
      var destinations = JSONLine()
      for status in outputs.statuses { destinations.add(status.name, status.json) }
      line.add(outputs.kind.rawValue, destinations)
    }
    if let name = state.value.announcement?.establishedName { line.add("announced", name) }
    if let latest = state.value.latest {
      let color = (latest.estimate.values?.smoothed).map(state.value.settings.palette.color)
      line.add("latest", AffectLine(latest.estimate, unixTime: latest.unixTime, color: color).object)
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
    let closing = loop.submit { [self] in
      state.value.delayLine.flush()
      sayGoodbye()
      state.value.isClosed = true
      state.value.control?.close()
      state.value.announcement?.end()
      for outputs in state.value.outputs.all { outputs.close() }
      return state.value.outputs.all.flatMap(\.endings)
    }
    // Those that have a thread say goodbye there.
    for ending in (try? await closing.get()) ?? [] {
      ending.withValue(when: { $0 }, within: Self.goodbyeTime, do: { _ in })
    }
  }

  // MARK: - On the event loop

  private static var now: Double { SystemClock().now }
  /// Seconds that the goodbye of an output may take.
  private static let goodbyeTime = 0.5

  /// Announces the control port if others can reach it, or takes that back.
  private func announceControl(_ settings: Settings) {
    let before = state.value.settings
    let isSame = settings.control == before.control && settings.announcesControl == before.announcesControl
    guard !isSame || state.value.announcement == nil else { return }
    state.value.announcement?.end()
    state.value.announcement = nil
    guard let control = settings.control, settings.announcesControl, !WebAccess.isLoopback(control.host) else { return }
    state.value.announcement = ServiceAnnouncement(
      name: "affectd on \(HostName.own)", type: "_osc._udp", port: control.port)
  }

  /// Goes over to another control port. The old one is closed first, since the new one may be a part of it.
  private func useControl(_ settings: Settings) throws(Failure) {
    let before = state.value.settings
    guard settings.control != before.control else {
      if settings.controlAllow != before.controlAllow {
        state.value.control?.control.use(allowed: settings.controlAllow)
      }
      return
    }
    state.value.control?.close()
    do throws(Failure) {
      state.value.control = try settings.control.map { endpoint throws(Failure) in
        try openControl(endpoint, settings.controlAllow)
      }
    } catch {
      state.value.control = before.control.flatMap { try? openControl($0, before.controlAllow) }
      throw error
    }
  }

  private func openControl(_ endpoint: HostEndpoint, _ allowed: [IPNetwork]?) throws(Failure) -> OSCControlServer {
    try OSCControlServer(endpoint, allowed: allowed, loop: loop, onCommand: onCommand, onRemark: onRemark)
  }

  /// Runs `body` after the offset, if that is positive.
  private func later(_ body: @escaping () -> Void) {
    state.value.delayLine.run(after: state.value.settings.offset / 1000, body)
  }

  private func deliver(_ timed: TimedEstimate) {
    let offset = state.value.settings.offset / 1000
    let unixTime = timed.unixTime + offset
    state.value.latest = TimedEstimate(timed.estimate, unixTime: unixTime)
    state.value.trackerState = timed.estimate.state
    state.value.inputIsMissing = LossFader.inputIsMissing(timed.estimate, before: state.value.inputIsMissing)
    // The fader sees every tick, also those of a pause.
    let affect = state.value.socketFader.apply(timed.estimate)
    guard !state.value.isPaused, !state.value.isClosed else { return }
    // The few OSC packets first: a thousand clients take a while.
    let palette = state.value.settings.palette
    let tick = PublishedTick(timed.estimate, unixTime: unixTime, palette: palette)
    for outputs in state.value.outputs.all { outputs.send(tick) }
    state.value.control?.control.publish(timed.estimate, unixTime: unixTime, palette: palette)
    state.value.metrics.ticks += 1
    if let timing = timed.timing {
      state.value.metrics.add(timing, packetTime: Self.now - max(0, offset))
    }
    let line = AffectLine(
      timed.estimate.replacingSmoothed(affect), unixTime: unixTime, color: affect.map(palette.color))
    socket.publish(line)
    web?.publish(line)
  }

  private func publishEvent(_ json: String) {
    socket.publishEvent(json)
    web?.publishEvent(json)
  }

  private func sayGoodbye() {
    guard let latest = state.value.latest, !state.value.isPaused else { return }
    let estimate = latest.estimate.stopped
    let palette = state.value.settings.palette
    let tick = PublishedTick(estimate, unixTime: latest.unixTime, palette: palette)
    for outputs in state.value.outputs.all { outputs.send(tick) }
    state.value.control?.control.publish(estimate, unixTime: latest.unixTime, palette: palette)
  }

  private var metrics: Metrics {
    var metrics = state.value.metrics
    metrics.socket = socket.counters
    metrics.web = web?.counters
    metrics.outputs = state.value.outputs.all.map { ($0.kind, $0.statuses) }
    if let control = state.value.control?.control {
      metrics.osc = Metrics.OSCControl(
        subscribers: control.leaseCount, messages: control.counters.messages,
        malformedPackets: control.counters.malformedPackets, refusedMessages: control.counters.refusedMessages,
        ignoredMessages: control.counters.ignoredMessages, droppedPackets: control.counters.droppedPackets)
    }
    return metrics
  }
}
