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
