public import SignalProcessing

/// A measurement of what comes in, for a calibration.
public struct VenueMeasurement {
  private let loudness: LoudnessMeter
  private var spectrum: LongTermSpectrum

  /// - Parameter rate: Hz; nil if nothing can be measured at it.
  public init?(rate: Int) {
    guard LoudnessMeter.sampleRates.contains(rate) else { return nil }
    loudness = LoudnessMeter(sampleRate: rate)
    spectrum = LongTermSpectrum(rate: rate)
  }

  public mutating func add(_ samples: Span<Float>) {
    loudness.add(samples)
    spectrum.add(samples)
  }

  /// What was heard so far; nil if nothing was loud enough.
  public var result: Result? {
    guard let loudness = loudness.integrated else { return nil }
    // The last block need not be whole.
    return Result(
      loudness: loudness, decibels: spectrum.decibels,
      seconds: Double(spectrum.blockCount + 1) * LongTermSpectrum.blockSeconds)
  }

  /// What a measurement came to.
  public struct Result: Sendable, Equatable {
    /// LUFS (EBU R128, one channel).
    public let loudness: Double
    /// dB in each third of an octave, see `LongTermSpectrum`; nil if no block of it was loud enough.
    public let decibels: [Double]?
    /// How much was loud enough, at most.
    let seconds: Double
  }
}

/// A measurement that goes on for some time.
struct RunningMeasurement {
  private let seconds: Double
  /// When it has taken too long, seconds of `Clock/now`.
  private let deadline: Double
  private var measurement: VenueMeasurement?
  private var remaining = 0

  /// Seconds that it may take longer than the audio that it needs.
  static let patience = 10.0

  init(seconds: Double, now: Double) {
    self.seconds = seconds
    deadline = now + seconds + Self.patience
  }

  enum Progress: Equatable {
    case running
    /// Nil if nothing was loud enough, or the rate cannot be measured at.
    case done(VenueMeasurement.Result?)
  }

  func isOverdue(at now: Double) -> Bool { now > deadline }

  mutating func add(_ samples: Span<Float>, rate: Int) -> Progress {
    if measurement == nil {
      measurement = VenueMeasurement(rate: rate)
      remaining = Int(seconds * Double(rate))
    }
    guard measurement != nil else { return .done(nil) }
    let part = min(samples.count, remaining)
    measurement?.add(samples.extracting(first: part))
    remaining -= part
    return remaining == 0 ? .done(measurement?.result) : .running
  }
}

/// The gain that brings the input of a venue to the level of the music that the models were trained on, and the filter
/// that brings it to its colour.
///
/// Both are static. An automatic gain would make quiet passages as loud as loud ones, and loudness is one of the things by
/// which music excites (Dean, Bailes, Schubert, "Acoustic intensity causes perceived changes in arousal levels in
/// music", 2011).
public struct Calibration: Sendable, Equatable {
  /// What was played while it was measured.
  public enum Reference: Sendable {
    case music
    case pinkNoise

    /// dB of full scale in each of `ThirdOctaves.centres`.
    public var spectrum: [Double] {
      switch self {
      case .music: ReferenceSpectrum.music
      case .pinkNoise: ReferenceSpectrum.pinkNoise
      }
    }

    /// Seconds that have to be heard before a filter is made of them. Noise is always the same, pieces of music are not.
    public var leastSeconds: Double {
      switch self {
      case .music: 60
      case .pinkNoise: 15
      }
    }
  }

  /// What was measured, LUFS (EBU R128, one channel); nil if it is not known.
  public let loudness: Double?
  /// dB.
  public let gain: Double
  /// Nil for none: too little was heard.
  public let filter: VenueFilter?

  /// Median loudness of the training material, LUFS, measured in the same way over the 1,494 excerpts of DEAM that are
  /// meant for training (10 % lie below -21.7, 10 % above -11.1).
  public static let trainingLoudness = -17.4
  /// dB. A larger gain would mostly lift noise.
  public static let gains = -40.0...40.0

  public init(gain: Double, filter: VenueFilter?, loudness: Double? = nil) {
    precondition(Self.gains.contains(gain))
    (self.gain, self.filter, self.loudness) = (gain, filter, loudness)
  }

  /// What brings what was measured to the level and the colour of recorded music.
  ///
  /// - Parameter reference: what was played. That of noise is made when it is first asked for, which takes some time.
  public init(_ result: VenueMeasurement.Result, reference: Reference) {
    let gain = min(max(Self.trainingLoudness - result.loudness, Self.gains.lowerBound), Self.gains.upperBound)
    let filter =
      result.seconds < reference.leastSeconds
      ? nil
      : result.decibels.map { VenueFilter(from: $0, to: reference.spectrum, gain: gain) }
    self.init(gain: gain, filter: filter, loudness: result.loudness)
  }
}
