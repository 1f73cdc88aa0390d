internal import SignalProcessing

/// A loudness that is being measured, for a calibration.
struct LoudnessMeasurement {
  private let seconds: Double
  /// When it has taken too long, seconds of `Clock/now`.
  private let deadline: Double
  private var meter: LoudnessMeter?
  private var remaining = 0

  /// Seconds that it may take longer than the audio that it needs.
  static let patience = 10.0

  init(seconds: Double, now: Double) {
    self.seconds = seconds
    deadline = now + seconds + Self.patience
  }

  enum Progress: Equatable {
    case running
    /// LUFS; nil if nothing was loud enough, or the rate cannot be measured at.
    case done(Double?)
  }

  func isOverdue(at now: Double) -> Bool { now > deadline }

  mutating func add(_ samples: Span<Float>, rate: Int) -> Progress {
    guard LoudnessMeter.sampleRates.contains(rate) else { return .done(nil) }
    if meter == nil {
      meter = LoudnessMeter(sampleRate: rate)
      remaining = Int(seconds * Double(rate))
    }
    let part = min(samples.count, remaining)
    meter?.add(samples.extracting(first: part))
    remaining -= part
    return remaining == 0 ? .done(meter?.integrated) : .running
  }
}
