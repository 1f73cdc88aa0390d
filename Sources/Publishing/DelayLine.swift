internal import DequeModule
package import NIOCore

/// Puts off what is to be published by the offset. The order stays, also when the offset becomes smaller.
///
/// Everything here runs on the event loop.
package final class DelayLine {
  private let loop: any EventLoop
  private var waiting: Deque<Item> = []
  private var count = 0

  private struct Item {
    let number: Int
    let body: () -> Void
  }

  package init(loop: any EventLoop) {
    self.loop = loop
  }

  /// Runs `body` after `delay` seconds. Without a delay it runs at once, and before it all that waits.
  package func run(after delay: Double, _ body: @escaping () -> Void) {
    guard delay > 0 else {
      flush()
      return body()
    }
    count += 1
    let number = count
    waiting.append(Item(number: number, body: body))
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(delay * 1e9))) { [self] in flush(upTo: number) }
  }

  /// Runs what waits, up to this number.
  package func flush(upTo number: Int = .max) {
    while let first = waiting.first, first.number <= number {
      waiting.removeFirst()
      first.body()
    }
  }
}
