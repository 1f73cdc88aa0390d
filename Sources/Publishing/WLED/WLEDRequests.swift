internal import Affect
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Platform

/// Tells a lamp the mood's colour through WLED's JSON API (kno.wled.ge/interfaces/json-api): one request at a time, and
/// the newest colour after it. A lamp that is slow or away misses the colours in between, and nothing else.
///
/// Everything here runs on the event loop.
final class WLEDRequests {
  private let destination: WLEDDestination
  private let host: HostAddress
  private let loop: any EventLoop
  private let onRemark: (PublishingRemark) -> Void
  private var fader: LossFader
  private var rate: TickRate
  private let transition: Int
  private var outage = Outage()
  private var sent = 0
  private var dropped = 0
  private var isBusy = false
  private var isClosed = false
  /// What is to be told next.
  private var waiting: String?
  /// What the lamp was told last.
  private var shown: String?

  /// Whether everything is told, and nothing follows.
  let hasEnded = Locked(false)

  /// - Parameter old: who has told the same lamp until now.
  init(
    _ destination: WLEDDestination, rate: Double, replacing old: WLEDRequests?, _ surroundings: OutputSurroundings
  ) {
    self.destination = destination
    loop = surroundings.loop
    onRemark = surroundings.onRemark
    fader = LossFader(destination.onLoss, replacing: old?.fader, inputIsMissing: surroundings.inputIsMissing)
    self.rate = TickRate(rate)
    // In tenths of a second: the lamp goes on to the next colour until that comes.
    transition = Int((10 / rate).rounded())
    host = HostAddress(destination.endpoint, loop: loop, lookUp: surroundings.lookUp)
    host.onChange = { [unowned self] in tellNext() }
  }

  var status: OutputStatus {
    OutputStatus(
      name: destination.name, host: destination.host,
      address: host.address.map { HostEndpoint(host: $0.ipAddress ?? "", port: $0.port ?? 0).description },
      problem: host.address == nil ? host.problem : outage.reason,
      isUp: outage.reason == nil && host.address != nil, sent: sent, dropped: dropped)
  }

  func renew() { host.renew() }

  /// - Parameter isReplaced: whether another one goes on with the same lamp; else it is told the last colour yet.
  func close(isReplaced: Bool) {
    isClosed = true
    host.close()
    if isReplaced { waiting = nil }
    endIfDone()
  }

  private func endIfDone() {
    // Without an address there is nobody to be told.
    if isClosed, !isBusy, waiting == nil || host.address == nil { hasEnded.withValue { $0 = true } }
  }

  func send(_ tick: PublishedTick) {
    guard let affect = fader.apply(tick.estimate), rate.isDue(tick.estimate) else { return }
    let body = self.body(UnitValues(tick.estimate, affect: affect, after: nil), tick.palette)
    guard body != shown || waiting != nil else { return }
    if waiting != nil { dropped += 1 }
    waiting = body
    tellNext()
  }

  /// The state that the lamp is to take over.
  func body(_ values: UnitValues, _ palette: MoodPalette) -> String {
    let color = destination.color(values, palette)
    var line = JSONLine()
    line.add("tt", transition)
    // Not 0, which would make the lamp forget how bright it was; it is switched off for that.
    if destination.brightness != nil {
      line.add("on", color.brightness > 0)
      line.add("bri", Int(max(1, color.brightness)))
    }
    // Without an id: every segment that is selected.
    line.add("seg", json: #"{"col":[[\#(color.red),\#(color.green),\#(color.blue)]]}"#)
    return line.object
  }

  private func tellNext() {
    guard !isBusy, let body = waiting else { return }
    guard let address = host.address else {
      // It waits for the address; that there is none is told.
      if let problem = host.problem { tell(outage.failed(problem, now: loop.now.seconds)) }
      return
    }
    waiting = nil
    isBusy = true
    let answer = loop.makePromise(of: Void.self)
    post(body, to: address, answer)
    answer.futureResult.assumeIsolated().whenComplete { [self] in took($0, body) }
  }

  private func took(_ result: Result<Void, any Error>, _ body: String) {
    isBusy = false
    switch result {
    case .success:
      sent += 1
      shown = body
      tell(outage.succeeded(now: loop.now.seconds))
    case .failure(let error):
      dropped += 1
      shown = nil
      host.doubt()
      tell(outage.failed(Self.reason(error), now: loop.now.seconds))
    }
    tellNext()
    endIfDone()
  }

  private func post(_ body: String, to address: SocketAddress, _ answer: EventLoopPromise<Void>) {
    let name = destination.endpoint.description
    let bootstrap = ClientBootstrap(group: loop).connectTimeout(HTTPPost.patience).channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        try channel.pipeline.syncOperations.addHTTPClientHandlers()
        try channel.pipeline.syncOperations.addHandler(HTTPPost(path: "/json/state", host: name, body: body, answer))
      }
    }
    bootstrap.connect(to: address).whenFailure { answer.fail($0) }
  }

  private func tell(_ change: Outage.Change?) {
    let title = "WLED lamp \(destination.name)"
    switch change {
    case nil: break
    case .began(let reason): onRemark(.outage("\(title): it cannot be told: \(reason); going on trying"))
    case .ended(let seconds, let lost):
      onRemark(
        .recovery("\(title): it answers again after \(Int(seconds.rounded())) s, in which \(lost) requests were lost"))
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPPost.Problem: error.description
    case is ChannelError: "it does not answer"
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { systemReason($0.error) } ?? "it does not answer"
    default: systemReason(error)
    }
  }
}
