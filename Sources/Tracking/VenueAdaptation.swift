internal import Glibc
package import SignalProcessing

/// Brings what comes in to the level and the colour of recorded music, very slowly: over many pieces, never within one.
///
/// The estimate has a half-life of ten minutes of music, and what is applied of it moves by no more than 3 dB in ten
/// minutes. Blocks of 3 s count, in decibels, so that loud pieces count no more than others; a block in which the tracker
/// does not follow music counts not at all.
package struct VenueAdaptation {
  /// What is adapted, as a user names it.
  package enum Kind {
    case level, spectrum
  }

  package let kind: Kind
  /// dB that are added to each of `ThirdOctaves.centres` at present.
  package private(set) var decibels = [Double](repeating: 0, count: ThirdOctaves.centres.count)

  private var spectrum: LongTermSpectrum
  /// The deviation from recorded music, dB.
  private var deviation: [Double]

  /// Seconds of music after which half of the estimate is new.
  static let halfLife = 600.0
  /// dB in a second of music.
  static let speed = 3.0 / 600
  /// dB. What is further off wants a calibration.
  static let limit = 12.0

  /// - Parameter rate: Hz.
  package init(_ kind: Kind, rate: Int) {
    self.kind = kind
    spectrum = LongTermSpectrum(rate: rate)
    deviation = decibels
  }

  /// Goes on with audio of another rate, or after a gap.
  package mutating func restart(rate: Int) { spectrum = LongTermSpectrum(rate: rate) }

  /// Takes audio in as it came.
  ///
  /// - Parameters:
  ///   - isMusic: whether it is music that is followed.
  ///   - gain, filter: what it is calibrated by before this.
  /// - Returns: whether ``decibels`` may have changed.
  @discardableResult
  package mutating func add(_ samples: Span<Float>, isMusic: Bool, gain: Double, filter: VenueFilter?) -> Bool {
    guard isMusic else {
      spectrum.dropBlock()
      return false
    }
    var blocks: [[Double]] = []
    spectrum.add(samples) { blocks.append($0) }
    for block in blocks { follow(block, gain: gain, filter: filter) }
    return !blocks.isEmpty
  }

  private mutating func follow(_ block: [Double], gain: Double, filter: VenueFilter?) {
    let seconds = spectrum.exactBlockSeconds
    let share = 1 - pow(2, -seconds / Self.halfLife)
    for index in deviation.indices {
      let heard = block[index] + gain + (filter?.decibels[index] ?? 0)
      deviation[index] += share * (ReferenceSpectrum.music[index] - heard - deviation[index])
    }
    let step = Self.speed * seconds
    for (index, wanted) in Self.correction(of: deviation, kind).enumerated() {
      decibels[index] += min(max(wanted - decibels[index], -step), step)
    }
  }

  /// What is to be added to each third in the end, dB, where the deviation is `deviation`.
  fileprivate static func correction(of deviation: [Double], _ kind: Kind) -> [Double] {
    let wanted =
      switch kind {
      case .level: [Double](repeating: ThirdOctaves.level(deviation), count: deviation.count)
      case .spectrum: ThirdOctaves.smoothed(deviation)
      }
    return wanted.map { min(max($0, -limit), limit) }
  }

  /// `decibels` as a gain, and the rest as a filter.
  static func calibration(
    of decibels: [Double], _ kind: Kind, loudness: Double? = nil
  ) -> Calibration {
    let gain = ThirdOctaves.level(decibels)
    let filter = kind == .level ? nil : VenueFilter(limiting: decibels.map { $0 - gain })
    return Calibration(gain: gain, filter: filter, loudness: loudness)
  }
}

extension Calibration {
  /// What the adaptation comes to after hours of music like that of `result`; nil with ``VenueFollowing/off``, and where
  /// nothing was loud enough.
  public init?(longAdaptationTo result: VenueMeasurement.Result, _ following: VenueFollowing) {
    guard let kind = following.kind, let measured = result.decibels else { return nil }
    let deviation = zip(ReferenceSpectrum.music, measured).map { $0 - $1 }
    self = VenueAdaptation.calibration(
      of: VenueAdaptation.correction(of: deviation, kind), kind, loudness: result.loudness)
  }
}

/// What of the venue is followed over many pieces: `off`, `level` or `spectrum`.
public enum VenueFollowing: String, Sendable, CaseIterable {
  case off, level, spectrum

  var kind: VenueAdaptation.Kind? {
    switch self {
    case .off: nil
    case .level: .level
    case .spectrum: .spectrum
    }
  }
}
