import NIOConcurrencyHelpers

/// Epochs that a training told of.
final class EpochLog: Sendable {
  private let epochs = NIOLockedValueBox<[Int]>([])

  func add(_ epoch: Int) { epochs.withLockedValue { $0.append(epoch) } }

  var count: Int { epochs.withLockedValue { $0.count } }
}
