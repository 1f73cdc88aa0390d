/// When a bundle is to take effect (OSC 1.0, "Temporal semantics and OSC time tags"): seconds since 1900 as a 64-bit
/// fixed-point number, 32 bits before the point.
public struct OSCTimeTag: Sendable, Equatable {
  public let bits: UInt64

  /// 63 zeros and a one: at once.
  public static let immediately = OSCTimeTag(bits: 1)

  public init(bits: UInt64) {
    self.bits = bits
  }
}
