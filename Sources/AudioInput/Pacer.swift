/// Who sets the pace at which a source is read.
public enum AudioPace: Sendable {
  /// A device that waits for nobody.
  case device
  /// The reader, at exactly real time.
  case realTime
  /// The reader, up to 0.1 % faster than real time: so a pipe whose other end follows a sound card that runs a little
  /// fast never builds up a backlog.
  case realTimeOrFaster

  /// Relative to real time. A device that always has data, such as ALSA's `null`, is held back to a little more than
  /// real time: it must not keep a core busy.
  var speed: Double {
    switch self {
    case .device: 1.01
    case .realTime: 1
    case .realTimeOrFaster: 1.001
    }
  }

  /// Whether the source can give nothing for a while although it has not ended.
  public var canStall: Bool { self != .realTime }
}

/// Says how long a reader is to be held back to real time.
///
/// A plain value: the time is told to it.
package struct Pacer {
  private let pace: AudioPace
  /// Seconds a frame.
  private let frameDuration: Double
  /// The time of frame 0.
  private var start: Double?

  /// Seconds that a reader may be late and still catch up. When it is later, the source has paused, and the pace
  /// begins anew.
  static let patience = 0.5
  /// Seconds that a device may be ahead: what it kept while nobody read.
  static let deviceAllowance = 1.0

  package init(pace: AudioPace, sampleRate: Int) {
    self.pace = pace
    frameDuration = 1 / (Double(sampleRate) * pace.speed)
  }

  /// The time at which the reader may go on that has read `frame` frames in all by `now`. Not after `now` if it may
  /// go on at once.
  package mutating func dueTime(ofFrame frame: Int, now: Double) -> Double {
    let elapsed = Double(frame) * frameDuration
    // The first block has just been read: its time is now.
    let due = (start ?? now - elapsed) + elapsed
    if pace == .device {
      if start == nil { start = now - elapsed }
      return due - Self.deviceAllowance
    }
    if start == nil || now - due > Self.patience { start = now - elapsed }
    return due
  }
}
