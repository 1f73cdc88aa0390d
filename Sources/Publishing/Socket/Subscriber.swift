internal import Affect
internal import NIOCore

/// One client of the Unix socket. It gets the hello line, then every line that is published while it is connected, or
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

  func channelActive(context: ChannelHandlerContext) {
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
