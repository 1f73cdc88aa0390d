/// Which of an input's channels are listened to.
public enum ChannelSelection: Sendable, Equatable, CustomStringConvertible {
  /// The mean of all channels.
  case average
  /// One channel, counted from 1. Left is 1, right is 2.
  case channel(Int)

  /// `average`, `left`, `right` or a number from 1 on; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "average": self = .average
    case "left": self = .channel(1)
    case "right": self = .channel(2)
    default:
      guard let number = Int(text), AudioFormat.channelCounts.contains(number) else { return nil }
      self = .channel(number)
    }
  }

  public var description: String {
    switch self {
    case .average: "average"
    case .channel(let number): "\(number)"
    }
  }

  /// Channels that the input must have.
  var leastChannelCount: Int {
    switch self {
    case .average: 1
    case .channel(let number): number
    }
  }
}
