/// When a bundle is to take effect (OSC 1.0, "Temporal semantics and OSC time tags"): seconds since 1900 as a 64-bit
/// fixed-point number, 32 bits before the point, as in NTP timestamps.
public struct OSCTimeTag: Sendable, Equatable {
  public let bits: UInt64

  /// 63 zeros and a one: at once.
  public static let immediately = OSCTimeTag(bits: 1)

  public init(bits: UInt64) {
    self.bits = bits
  }

  /// The times that a tag can name, in seconds since 1970: from 1968-01-20 03:14:08 to before 2104-02-26 09:42:24 UTC.
  ///
  /// 32 bits of seconds run over on 2036-02-07 at 06:28:16 UTC, and the specification does not say what comes then. As
  /// RFC 4330, section 3 has it for NTP, seconds with the highest bit set count from 1900, the others from 2036.
  public static let unixTimes: Range<Double> = Double(1 << 31 - unixEpoch)..<Double(3 << 31 - unixEpoch)

  /// From 1900 to 1970, in seconds (RFC 868).
  private static let unixEpoch = 2_208_988_800

  /// The tag of a time in seconds since 1970, UTC without leap seconds; to the 2^-32 s before it. Times outside
  /// ``unixTimes`` become the nearest in it; NaN becomes ``immediately``.
  public init(unixTime: Double) {
    guard !unixTime.isNaN else {
      self = .immediately
      return
    }
    let time = min(max(unixTime, Self.unixTimes.lowerBound), Self.unixTimes.upperBound.nextDown)
    // Split before the epochs are added, so that no bit of the fraction is lost.
    let whole = time.rounded(.down)
    let seconds = UInt64(Int(whole) + Self.unixEpoch)
    // Just before a whole second the difference is rounded to 1; the sum carries it over.
    bits = (seconds << 32) &+ UInt64((time - whole) * 0x1p32)
  }

  /// Seconds since 1970, in ``unixTimes``; nil for ``immediately``.
  public var unixTime: Double? {
    guard self != .immediately else { return nil }
    let seconds = Int(bits >> 32)
    let era = seconds < 1 << 31 ? 1 << 32 : 0
    return Double(seconds + era - Self.unixEpoch) + Double(UInt32(truncatingIfNeeded: bits)) * 0x1p-32
  }
}
