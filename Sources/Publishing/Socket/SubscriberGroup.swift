internal import Affect
internal import NIOCore
internal import Platform

/// The clients of one server that get lines: who they are, how many there may be, and what happened to them.
final class SubscriberGroup: Sendable {
  private let name: String
  private let hello: ByteBuffer
  private let limit: Int
  private let allows: @Sendable (ControlCommand) -> Bool
  private let onRemark: @Sendable (PublishingRemark) -> Void
  private let onCommand: SocketServer.CommandHandler
  private let state: NIOLoopBoundBox<State>

  private struct State {
    var active: [ObjectIdentifier: Subscriber] = [:]
    /// Connections that were taken and are not closed yet.
    var acceptedCount = 0
    var counters = SubscriberCounters()
    var isClosing = false
  }

  /// - Parameters:
  ///   - name: what the server is called in messages.
  ///   - hello: the first line for every client.
  ///   - limit: connections at once; more are turned away.
  ///   - allows: whether clients of this server may ask for a command.
  ///   - onRemark: told of clients that cannot be served, on the event loop.
  init(
    _ name: String, hello: String, limit: Int, on loop: any EventLoop,
    allows: @escaping @Sendable (ControlCommand) -> Bool = { _ in true },
    onRemark: @escaping @Sendable (PublishingRemark) -> Void, onCommand: @escaping SocketServer.CommandHandler
  ) {
    self.name = name
    self.hello = ByteBuffer(string: hello + "\n")
    self.limit = limit
    self.allows = allows
    self.onRemark = onRemark
    self.onCommand = onCommand
    state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: loop)
  }

  // MARK: - On the event loop

  /// Counts a new connection.
  ///
  /// - Throws: any error, if it is to be turned away.
  func admit(_ channel: any Channel) throws {
    guard state.value.acceptedCount < limit, !state.value.isClosing else {
      state.value.counters.refusedClients += 1
      onRemark(.misuse("\(name): a client was turned away, since there are \(limit) already"))
      throw ChannelError.connectTimeout(.zero)  // any error turns the client away
    }
    // Counted here: many can be accepted before the first of them is active.
    state.value.acceptedCount += 1
    channel.closeFuture.assumeIsolated().whenComplete { [self] _ in state.value.acceptedCount -= 1 }
  }

  /// What serves a connection that was admitted.
  func makeSubscriber() -> Subscriber {
    let owner = Subscriber.Owner(
      onActive: { [self] in state.value.active[ObjectIdentifier($0)] = $0 },
      onInactive: { [self] in
        state.value.active[ObjectIdentifier($0)] = nil
        state.value.counters.droppedLines += $0.droppedCount
      },
      allows: allows, onCommand: onCommand,
      onMalformedRequest: { [self] in state.value.counters.malformedRequests += 1 })
    return Subscriber(hello: hello, owner: owner)
  }

  var counters: SubscriberCounters {
    var counters = state.value.counters
    counters.clients = state.value.active.count
    for subscriber in state.value.active.values { counters.droppedLines += subscriber.droppedCount }
    return counters
  }

  /// Sends the line of a tick to every client that wants it. Does not wait.
  func publish(_ line: AffectLine) {
    // Clients that want the same share a buffer.
    var buffers: [Set<AffectLine.Field>?: ByteBuffer] = [:]
    for subscriber in state.value.active.values {
      subscriber.send(line.estimate) { fields in
        if let buffer = buffers[fields] { return buffer }
        let buffer = ByteBuffer(string: line.json(fields) + "\n")
        buffers[fields] = buffer
        return buffer
      }
    }
  }

  /// Sends a line about an event, such as a mark. Does not wait.
  func publishEvent(_ json: String) {
    let buffer = ByteBuffer(string: json + "\n")
    for subscriber in state.value.active.values { subscriber.sendEvent(buffer) }
  }

  /// Takes nobody any more, and gives everybody what waits for them; done when they are gone.
  func finish() -> [EventLoopFuture<Void>] {
    state.value.isClosing = true
    return state.value.active.values.compactMap { subscriber in
      let future = subscriber.closeFuture
      subscriber.finish()
      return future
    }
  }
}

/// What happened to the clients of a server.
public struct SubscriberCounters: Sendable, Equatable {
  public var clients = 0
  /// Lines that clients did not read in time.
  public var droppedLines = 0
  /// Clients that were turned away because there were too many.
  public var refusedClients = 0
  public var malformedRequests = 0
}
