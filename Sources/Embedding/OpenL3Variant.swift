/// Which of OpenL3's audio networks, and how its last layer is pooled.
public struct OpenL3Variant: Sendable, Equatable {
  /// The input representation. The raw values are the names of the published weights.
  public enum Input: String, Sendable, CaseIterable {
    case mel128
    case mel256

    var bandCount: Int { self == .mel128 ? 128 : 256 }
  }

  /// Length of the embedding.
  public enum Size: Int, Sendable, CaseIterable {
    /// Maximum over the whole map.
    case values512 = 512
    /// Maximum over 4 × 3 blocks, flattened in the order mel, time, channel.
    case values6144 = 6144
  }

  public let input: Input
  public let size: Size

  public init(input: Input = .mel256, size: Size = .values512) {
    self.input = input
    self.size = size
  }
}
