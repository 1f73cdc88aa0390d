internal import Affect
internal import Glibc

/// From the model's values to those that are published: smoothed while there is music, held through a rest, decayed to
/// neutral in a long silence, and back without a jump.
struct ValueFollower: Sendable {
  var silence: SilenceSettings
  /// Whether the values stand still, whatever the music does.
  var isFrozen = false
  /// What was published last.
  private(set) var value: Affect?

  private var smoother: AffectSmoother
  /// The value that was held last, from which the values come back.
  private var held = Affect.neutral
  /// Seconds since something was held; long ago at the start.
  private var returnTime = Double.infinity
  /// The value at the beginning of a silence, and the seconds since.
  private var beforeSilence = Affect.neutral
  private var silentTime = 0.0

  /// Seconds in which the values come back after they were held.
  static let returning = 1.0

  /// What there is at a tick.
  struct Observation {
    /// The model's values; nil if there is no window of audio.
    var raw: Affect?
    /// Whether there is no music to follow right now, if only for a moment.
    var isQuiet = false
    /// Whether there has been none for long enough that the values decay.
    var isSilent = false
    /// Share of music in the window, 0...1.
    var musicShare: Float = 1
  }

  init(smoothing: Smoothing, silence: SilenceSettings) {
    smoother = AffectSmoother(smoothing)
    self.silence = silence
  }

  /// The value to publish, nil as long as there was none; and whether it follows the music.
  ///
  /// - Parameter interval: seconds of audio since the tick before.
  mutating func next(_ observation: Observation, interval: Double) -> (value: Affect?, isFollowing: Bool) {
    if let raw = observation.raw, !observation.isQuiet, !isFrozen {
      return (follow(raw, share: observation.musicShare, interval: interval), true)
    }
    hold(isSilent: observation.isSilent && !isFrozen, interval: interval)
    return (value, false)
  }

  /// Continues with another smoothing at the present value.
  mutating func use(_ smoothing: Smoothing) {
    smoother = AffectSmoother(smoothing)
    if let value { smoother.restart(at: value) }
  }

  /// Forgets everything but the settings.
  mutating func restart() {
    value = nil
    isFrozen = false
    returnTime = .infinity
    silentTime = 0
    smoother.restart(at: nil)
  }

  private mutating func follow(_ raw: Affect, share: Float, interval: Double) -> Affect? {
    silentTime = 0
    // The very first value is not to come from a window that is half silence.
    guard value != nil || share > 0.999 else { return nil }
    returnTime += interval
    // A window that is partly silence says little about the music in it: less than its share of music.
    let weight = share * share * Float(min(1, returnTime / Self.returning))
    let target = value != nil && weight < 1 ? held.mixed(with: raw, share: weight) : raw
    let smoothed = smoother.apply(target, interval: interval)
    value = smoothed
    return smoothed
  }

  private mutating func hold(isSilent: Bool, interval: Double) {
    guard let value else { return }
    if !isSilent {
      silentTime = 0
    } else {
      if silentTime == 0 { beforeSilence = value }
      silentTime += interval
      self.value = beforeSilence.mixed(with: .neutral, share: decayShare)
    }
    held = self.value ?? value
    returnTime = 0
    smoother.restart(at: held)
  }

  /// How far the values have decayed: half a period of a cosine, which begins and ends without a kink.
  private var decayShare: Float {
    let time = silentTime - silence.hold
    guard time > 0 else { return 0 }
    guard time < silence.decay else { return 1 }
    return Float((1 - cos(.pi * time / silence.decay)) / 2)
  }
}
