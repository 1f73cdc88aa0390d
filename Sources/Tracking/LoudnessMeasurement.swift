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

/// The gain that brings the input of a venue to the level of the music that the models were trained on.
///
/// It is static. An automatic gain would make quiet passages as loud as loud ones, and loudness is one of the things by
/// which music excites (Dean, Bailes, Schubert, "Acoustic intensity causes perceived changes in arousal levels in
/// music", 2011).
public struct Calibration: Sendable, Equatable {
  /// What was measured, LUFS (EBU R128, one channel).
  public let loudness: Double
  /// dB.
  public let gain: Double

  /// Median loudness of the training material, LUFS, measured in the same way over the 1,494 excerpts of DEAM that are
  /// meant for training (10 % lie below -21.7, 10 % above -11.1).
  public static let trainingLoudness = -17.4
  /// dB. A larger gain would mostly lift noise.
  public static let gains = -40.0...40.0

  public init(loudness: Double) {
    self.loudness = loudness
    gain = min(max(Self.trainingLoudness - loudness, Self.gains.lowerBound), Self.gains.upperBound)
  }
}
