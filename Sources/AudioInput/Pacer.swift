internal import Glibc

/// Who sets the pace at which a source is read.
public enum AudioPace: Sendable {
  /// A device that waits for nobody.
  case device
  /// The reader, at exactly real time.
  case realTime
  /// The reader, up to 0.1 % faster than real time: so a pipe whose other end follows a sound card that runs a little
  /// fast never builds up a backlog.
  case realTimeOrFaster

  var speed: Double? {
    switch self {
    case .device: nil
    case .realTime: 1
    case .realTimeOrFaster: 1.001
    }
  }
}

/// Holds a reader back to real time, counted from its first wait.
struct Pacer {
  /// Nanoseconds a frame; nil for a device, which needs no pacing.
  private let frameDuration: Double?
  /// Nanoseconds of the monotonic clock at frame 0.
  private var start: Int?

  init(pace: AudioPace, sampleRate: Int) {
    frameDuration = pace.speed.map { 1e9 / (Double(sampleRate) * $0) }
  }

  /// Waits until the time of frame `frame`, if that is not past.
  mutating func wait(forFrame frame: Int) {
    guard let frameDuration else { return }
    let elapsed = Int(Double(frame) * frameDuration)
    guard let start else {
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      // The first block has just been read: its time is now.
      start = now.tv_sec * 1_000_000_000 + now.tv_nsec - elapsed
      return
    }
    var deadline = timespec(tv_sec: (start + elapsed) / 1_000_000_000, tv_nsec: (start + elapsed) % 1_000_000_000)
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nil) == EINTR {}
  }
}
