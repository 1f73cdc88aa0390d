import Platform

/// Epochs that a training told of.
final class EpochLog: Sendable {
  private let epochs = Locked<[Int]>([])

  func add(_ epoch: Int) { epochs.withValue { $0.append(epoch) } }

  var count: Int { epochs.withValue { $0.count } }
}
