/// Ends a training that does not get better any more.
public struct EarlyStopping: Sendable {
  /// Epochs without a better value after which the training ends.
  public let patience: Int
  /// By how much a value must be smaller to count as better.
  public let minimumGain: Double
  /// The smallest loss so far and its epoch, from 0; nil before the first that is a number.
  public private(set) var best: (loss: Double, epoch: Int)?
  private var epochs = 0

  public enum Verdict: Sendable {
    /// The best so far: worth keeping.
    case better
    case worse
    /// It has not been better for too long.
    case stop
  }

  public init(patience: Int, minimumGain: Double = 0) {
    precondition(patience > 0 && minimumGain >= 0)
    self.patience = patience
    self.minimumGain = minimumGain
  }

  /// Takes the validation loss of the next epoch. NaN is never better.
  public mutating func take(_ loss: Double) -> Verdict {
    let epoch = epochs
    epochs += 1
    if loss < (best?.loss ?? .infinity) - minimumGain {
      best = (loss, epoch)
      return .better
    }
    return epoch - (best?.epoch ?? -1) >= patience ? .stop : .worse
  }
}
