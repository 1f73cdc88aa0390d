internal import Glibc
internal import NIOCore

/// Stops a server from accepting for a while when the system has no descriptor or memory for another connection.
/// Otherwise the event loop would try again and again, without end. Whoever wants to connect meanwhile waits.
final class AcceptBrake: ChannelInboundHandler {
  typealias InboundIn = Channel

  private let name: String
  private let onRemark: (PublishingRemark) -> Void
  private var isBraking = false
  private var wasTold = false

  /// From one attempt to the next.
  static let pause = TimeAmount.milliseconds(500)

  /// - Parameter name: what the server is called in messages.
  init(_ name: String, onRemark: @escaping (PublishingRemark) -> Void) {
    self.name = name
    self.onRemark = onRemark
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if wasTold {
      wasTold = false
      onRemark(.recovery("\(name): connections are accepted again"))
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    if !wasTold { onRemark(.outage("\(name): no connection can be accepted: \(systemReason(error)); going on trying")) }
    wasTold = true
    guard !isBraking else { return }
    isBraking = true
    let channel = context.channel
    try? channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
      isBraking = false
      try? channel.syncOptions?.setOption(.autoRead, value: true)
    }
  }
}
