/// The distance between two ticks, and so the clock of everything that is published: tick n lies at
/// n × hop seconds of audio.
public struct Hop: Sendable, Equatable {
  public let seconds: Double

  /// The hops that are allowed, in seconds.
  public static let range: ClosedRange<Double> = 0.05...5
  public static let standard = Hop(seconds: 0.5)!  // 0.5 lies in the range

  /// Nil if `seconds` lies outside ``range``.
  public init?(seconds: Double) {
    guard Self.range.contains(seconds) else { return nil }
    self.seconds = seconds
  }

  /// Audio time of tick `tick` in seconds, rounded to a microsecond so that 3 × 0.05 prints as 0.15.
  public func time(ofTick tick: Int) -> Double {
    (Double(tick) * seconds * 1e6).rounded() / 1e6
  }

  /// Number of whole samples at or before tick `tick`, in a stream that begins `origin` seconds into the audio time.
  public func samples(atTick tick: Int, rate: Int, origin: Double = 0) -> Int {
    // The small addition keeps 0.7 × 48,000 from ending one sample early by rounding.
    Int(((Double(tick) * seconds - origin) * Double(rate) + 1e-4).rounded(.down))
  }

  /// The last tick at or before `audioTime`, 0 if there is none.
  public func tick(atOrBefore audioTime: Double) -> Int {
    max(0, Int((audioTime / seconds + 1e-9).rounded(.down)))
  }
}
