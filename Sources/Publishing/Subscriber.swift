internal import NIOCore

/// One client of the Unix socket. It gets the hello line, then every line that is published while it is connected.
/// What it sends is read and ignored.
///
/// Everything here runs on the channel's event loop.
final class Subscriber: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let hello: ByteBuffer
  private let onActive: (Subscriber) -> Void
  private let onInactive: (Subscriber) -> Void
  private var context: ChannelHandlerContext?
  private var queue = SubscriberQueue<ByteBuffer>(limit: SocketServer.queueLimit)

  /// How long a client may take to read what is left when the daemon ends.
  private static let closingTime = TimeAmount.milliseconds(250)

  init(
    hello: ByteBuffer, onActive: @escaping (Subscriber) -> Void, onInactive: @escaping (Subscriber) -> Void
  ) {
    self.hello = hello
    self.onActive = onActive
    self.onInactive = onInactive
  }

  var droppedCount: Int { queue.droppedCount }

  /// Done when the connection is closed; nil if it is already.
  var closeFuture: EventLoopFuture<Void>? { context?.channel.closeFuture }

  /// Sends `line`, or keeps it while the client does not read.
  func send(_ line: ByteBuffer) {
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

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    context.writeAndFlush(wrapOutboundOut(hello), promise: nil)
    onActive(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    onInactive(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    while context.channel.isWritable, let line = queue.next() {
      context.writeAndFlush(wrapOutboundOut(line), promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The client is gone, or as good as gone.
    context.close(promise: nil)
  }
}
