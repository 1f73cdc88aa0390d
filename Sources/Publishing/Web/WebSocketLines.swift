internal import NIOCore
internal import NIOWebSocket

/// Makes lines of the text messages of a WebSocket (RFC 6455), and messages of lines.
///
/// Everything here runs on the channel's event loop.
final class WebSocketLines: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = WebSocketFrame

  /// Bytes of a message from a client, all its frames together.
  static let messageLimit = 4096
  /// Whoever has said nothing for so long, not even that they are there, is gone.
  static let patience = TimeAmount.seconds(45)
  /// How often they are asked.
  private static let askingInterval = TimeAmount.seconds(15)

  private var asking: Scheduled<Void>?
  private var lastHeard = NIODeadline.now()
  private var isClosing = false

  func handlerAdded(context: ChannelHandlerContext) {
    lastHeard = context.eventLoop.now
    ask(context)
  }

  /// Asks now and then whether the client is still there.
  private func ask(_ context: ChannelHandlerContext) {
    asking = context.eventLoop.assumeIsolated().scheduleTask(in: Self.askingInterval) { [self] in
      guard context.eventLoop.now - lastHeard < Self.patience else { return context.close(promise: nil) }
      let ping = WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer())
      context.writeAndFlush(wrapOutboundOut(ping), promise: nil)
      ask(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { asking?.cancel() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    lastHeard = context.eventLoop.now
    // They belong to extensions, of which none was agreed on.
    guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return close(context, .protocolError) }
    switch frame.opcode {
    case .text:
      var line = frame.unmaskedData
      line.writeInteger(UInt8(ascii: "\n"))
      context.fireChannelRead(wrapInboundOut(line))
    case .ping:
      let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
      context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
    case .connectionClose: close(context, .normalClosure)
    case .binary: close(context, .unacceptableData)
    case .pong: break
    default: close(context, .protocolError)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    var line = unwrapOutboundIn(data)
    // What is empty only waits until all before it was sent.
    guard line.readableBytes > 0 else { return context.write(wrapOutboundOut(emptyPong), promise: promise) }
    line.moveWriterIndex(to: line.writerIndex - 1)  // the line feed
    context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: line)), promise: promise)
  }

  private var emptyPong: WebSocketFrame { WebSocketFrame(fin: true, opcode: .pong, data: ByteBuffer()) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    close(context, error is NIOWebSocketFrameAggregator.Error ? .protocolError : .normalClosure)
  }

  private func close(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
    guard !isClosing else { return }
    isClosing = true
    var data = ByteBuffer()
    data.write(webSocketErrorCode: code)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)))
      .whenComplete { _ in channel.close(promise: nil) }
  }
}
