internal import Affect
internal import DequeModule
internal import NIOCore

/// One client of the Unix socket, or of the web page's. It gets the hello line, then every line that is published while it is connected, or
/// those that it has subscribed to. It may send requests, a line each.
///
/// Everything here runs on the channel's event loop.
final class Subscriber: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let hello: ByteBuffer
  private let owner: Owner
  private var context: ChannelHandlerContext?
  private var queue = SubscriberQueue<ByteBuffer>(limit: SocketServer.queueLimit)
  private var filter = SubscriptionFilter(.all)
  private var requests = RequestLines(limit: SocketRequest.lineLimit)
  /// Calibrations that it waits for.
  private var calibrationCount = 0

  /// Who is told of the client.
  struct Owner {
    let onActive: (Subscriber) -> Void
    let onInactive: (Subscriber) -> Void
    /// Whether the client may ask for it.
    let allows: (ControlCommand) -> Bool
    /// A command; the reply may come later.
    let onCommand: (ControlCommand) -> EventLoopFuture<JSONLine>
    let onMalformedRequest: () -> Void
  }

  /// How long a client may take to read what is left when the daemon ends.
  private static let closingTime = TimeAmount.milliseconds(250)

  init(hello: ByteBuffer, owner: Owner) {
    self.hello = hello
    self.owner = owner
  }

  var droppedCount: Int { queue.droppedCount }

  /// Done when the connection is closed; nil if it is already.
  var closeFuture: EventLoopFuture<Void>? { context?.channel.closeFuture }

  /// Sends the line of a tick if the client wants it.
  ///
  /// - Parameter line: gives the line with these fields.
  func send(_ estimate: AffectEstimate, line: (Set<AffectLine.Field>?) -> ByteBuffer) {
    guard filter.wants(estimate) else { return }
    send(line(filter.subscription.fields))
  }

  /// Sends a line about an event, unless the client wants replies only.
  func sendEvent(_ line: ByteBuffer) {
    guard filter.subscription.includesEvents else { return }
    send(line)
  }

  /// Sends `line`, or keeps it while the client does not read.
  private func send(_ line: ByteBuffer) {
    guard let context else { return }
    if queue.isEmpty && context.channel.isWritable {
      context.writeAndFlush(wrapOutboundOut(line), promise: nil)
    } else {
      queue.append(line)
    }
  }

  /// Sends what waits, then closes; closes all the same if the client takes too long.
  func finish() {
    guard let context else { return }
    while let line = queue.next() { context.write(wrapOutboundOut(line), promise: nil) }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(promise: nil) }
    context.eventLoop.scheduleTask(in: Self.closingTime) { channel.close(promise: nil) }
  }

  // MARK: - The channel

  func channelActive(context: ChannelHandlerContext) { begin(context) }

  /// A channel that spoke something else before is active already.
  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { begin(context) }
  }

  private func begin(_ context: ChannelHandlerContext) {
    guard self.context == nil else { return }
    self.context = context
    context.writeAndFlush(wrapOutboundOut(hello), promise: nil)
    owner.onActive(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    owner.onInactive(self)
    // Nobody waits for it any more, and others may want one.
    if calibrationCount > 0 { owner.onCommand(.endCalibration).whenComplete { _ in } }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    for line in requests.take(unwrapInboundIn(data).readableBytesView) { handle(line, context) }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    while context.channel.isWritable, let line = queue.next() {
      context.writeAndFlush(wrapOutboundOut(line), promise: nil)
    }
    // A client that does not read its replies is not asked for more requests.
    context.channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The client is gone, or as good as gone.
    context.close(promise: nil)
  }

  // MARK: - Requests

  private func handle(_ line: [UInt8], _ context: ChannelHandlerContext) {
    // Blank lines are no requests, and what people type with nc ends with a carriage return at times.
    guard line.contains(where: { $0 > 0x20 }) else { return }
    do throws(SocketRequest.Problem) {
      carryOut(try SocketRequest(line: line), context)
    } catch {
      owner.onMalformedRequest()
      guard error.isAnswered else { return }
      send(ByteBuffer(string: SocketReply.failure(error) + "\n"))
    }
  }

  private func carryOut(_ request: SocketRequest, _ context: ChannelHandlerContext) {
    switch request.call {
    case .ping:
      var result = JSONLine()
      result.add("pong", true)
      reply(result, to: request)
    case .subscribe(let subscription):
      filter = SubscriptionFilter(subscription)
      reply(JSONLine(), to: request)
    case .command(let command):
      guard owner.allows(command) else {
        guard let id = request.id else { return }
        let problem = SocketRequest.Problem(.refused, "this is not to be had over the network: use the socket", id: id)
        return send(ByteBuffer(string: SocketReply.failure(problem) + "\n"))
      }
      let isCalibration = if case .calibrate = command { true } else { false }
      calibrationCount += isCalibration ? 1 : 0
      owner.onCommand(command).hop(to: context.eventLoop).assumeIsolated().whenComplete { [self] result in
        calibrationCount -= isCalibration ? 1 : 0
        switch result {
        case .success(let line): reply(line, to: request)
        case .failure(let error):
          guard let id = request.id else { return }
          let problem = SocketRequest.Problem(.refused, "\(error)", id: id)
          send(ByteBuffer(string: SocketReply.failure(problem) + "\n"))
        }
      }
    }
  }

  private func reply(_ result: JSONLine, to request: SocketRequest) {
    guard let id = request.id else { return }
    send(ByteBuffer(string: SocketReply.result(result, id: id) + "\n"))
  }
}

/// What a client of the socket wants of the ticks.
public struct Subscription: Sendable, Equatable {
  /// Fields of the lines; nil for all. `type` and `seq` are always there. With an empty list nothing but replies is sent.
  public var fields: Set<AffectLine.Field>?
  /// Lines per second at most; nil for all.
  public var rate: Double?

  public static let all = Subscription()
  public static let rates = 0.01...100.0

  public init(fields: Set<AffectLine.Field>? = nil, rate: Double? = nil) {
    self.fields = fields
    self.rate = rate
  }

  /// Whether marks and changes of state are sent too.
  var includesEvents: Bool { fields?.isEmpty != true }
}

/// Chooses the ticks that a subscription wants.
struct SubscriptionFilter: Sendable {
  let subscription: Subscription
  private var lastSent: (audioTime: Double, state: TrackerState)?

  init(_ subscription: Subscription) {
    self.subscription = subscription
  }

  mutating func wants(_ estimate: AffectEstimate) -> Bool {
    guard subscription.includesEvents else { return false }
    if let rate = subscription.rate, let lastSent {
      let elapsed = estimate.audioTime - lastSent.audioTime
      guard elapsed >= 1 / rate - 1e-6 || elapsed < 0 || estimate.state != lastSent.state else { return false }
    }
    lastSent = (estimate.audioTime, estimate.state)
    return true
  }
}

/// What waits for a subscriber that does not read fast enough: the newest lines, up to a limit.
struct SubscriberQueue<Line> {
  let limit: Int
  /// Lines that were dropped so far because newer ones came.
  private(set) var droppedCount = 0
  private var lines: Deque<Line> = []

  init(limit: Int) {
    self.limit = limit
  }

  var isEmpty: Bool { lines.isEmpty }

  /// Appends a line; the oldest goes if there are too many.
  mutating func append(_ line: Line) {
    if lines.count == limit {
      lines.removeFirst()
      droppedCount += 1
    }
    lines.append(line)
  }

  /// The oldest line, taken out.
  mutating func next() -> Line? {
    lines.popFirst()
  }
}
