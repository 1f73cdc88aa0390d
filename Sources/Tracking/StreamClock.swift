public import AudioInput

/// Decides where audio lies in time, and what its absence means: gaps, stalls, losses, and the clock on the wall.
///
/// A plain value without any input or output: what happens is told to it with its time, and it answers. All times are
/// seconds. Audio time begins with the first audio, or with the first tick that is due without any, and never stands
/// still after that.
public struct StreamClock: Sendable {
  /// What is the matter with the input.
  public enum Input: Sendable, Equatable {
    /// It is not open yet.
    case unopened
    case open
    /// It is open and gives nothing.
    case stalled
    /// It is gone, or was never there.
    case lost
  }

  /// What to do with a block of audio.
  public enum Verdict: Sendable, Equatable {
    /// It is left over from before a stall.
    case drop
    /// It continues the stream, after so many frames that are missing.
    case take(missing: Int)
    /// A stream begins with it at the audio time `origin`, after `gap` seconds that are missing.
    case begin(origin: Double, gap: Double)
  }

  public private(set) var input = Input.unopened
  /// Whether audio has come since the start.
  public private(set) var hasBegun = false
  /// Audio time after the last audio.
  public private(set) var end = 0.0

  /// The open input; nil while there is none.
  private var session: Session?
  /// Audio time against ``Clock/now``.
  private var anchor = ClockAnchor()
  /// The clock on the wall against ``Clock/now``.
  private var wallOffset: Double
  /// What audio time 0 is, as long as no audio has come.
  private var start: Double
  /// Whether the audio time was asked for before there was audio: it goes on from there.
  private var hasIdled = false

  /// What is known of one opening of the input.
  private struct Session {
    let rate: Int
    let pace: AudioPace
    /// Of its stream that goes on now; nil before the first audio.
    var origin: Double?
    /// Frames since `origin`, those included that are missing.
    var position = 0
    /// Frames that the source had given after the last block.
    var sourceEnd = 0
    var overruns = 0
    /// When the last audio came; the opening before that.
    var lastArrival: Double
    /// When somebody last looked, and the seconds without audio that were looked at.
    var lastLook: Double
    var quiet = 0.0
    var backlog: Backlog?
  }

  /// What a device kept while it gave nothing.
  private struct Backlog {
    /// Frames that it can be at most, less those that came.
    var remaining: Int
  }

  /// Seconds without audio after which an input counts as stalled.
  public static let stallTime = 1.0
  /// Seconds without audio after which a device counts as lost. A longer gap begins a new stream.
  public static let lossTime = 3.0
  /// When nobody looked for longer than this, the machine or the process was asleep: the rest does not count.
  static let longestLook = 0.5

  /// - Parameters:
  ///   - now: ``Clock/now``.
  ///   - wall: the same moment on the wall.
  public init(now: Double, wall: Double) {
    start = now
    wallOffset = wall - now
  }

  // MARK: - What happens

  /// The input was opened.
  ///
  /// - Parameter rate: Hz.
  public mutating func opened(rate: Int, pace: AudioPace, at now: Double) {
    session = Session(rate: rate, pace: pace, lastArrival: now, lastLook: now)
    input = .open
  }

  /// The input is lost, or was not there at the start.
  public mutating func lost() {
    session = nil
    input = .lost
  }

  /// A block of audio came.
  ///
  /// - Precondition: the input was opened.
  public mutating func received(_ block: AudioBlock) -> Verdict {
    guard var session else { preconditionFailure("audio from an input that is not open") }
    defer { self.session = session }
    wallOffset = block.wall - block.arrival
    session.quiet = 0
    session.lastLook = max(session.lastLook, block.arrival)
    defer {
      session.overruns = block.overruns
      session.sourceEnd = block.end
    }
    guard session.origin != nil else {
      input = .open
      return begin(block, &session)
    }
    let pause = block.arrival - session.lastArrival
    // After an overrun a device starts anew and has nothing old.
    let hasOverrun = block.overruns > session.overruns
    // What found no room in the ring buffer is missing, but it came.
    let dropped = max(0, block.start - session.sourceEnd)
    if session.pace == .device && !hasOverrun && dropped == 0 {
      if session.backlog == nil && pause >= Self.stallTime {
        session.backlog = Backlog(remaining: Int(pause * Double(session.rate)))
        session.backlog?.remaining -= block.count
        return .drop
      }
      if let backlog = session.backlog, !block.isFresh, backlog.remaining > 0 {
        session.backlog?.remaining -= block.count
        return .drop
      }
    }
    input = .open
    let wasInterrupted =
      hasOverrun || session.backlog != nil || (session.pace.canStall && dropped == 0 && pause >= Self.stallTime)
    session.backlog = nil
    var missing = dropped
    if wasInterrupted {
      let duration = Double(block.count) / Double(session.rate)
      let absence = audioTime(at: block.arrival) - duration - position(session)
      missing = max(missing, Int((absence * Double(session.rate)).rounded()))
    }
    if Double(missing) >= Self.lossTime * Double(session.rate) { return begin(block, &session) }
    session.position += missing
    append(block, &session)
    return .take(missing: missing)
  }

  /// Time has passed without audio.
  ///
  /// - Returns: whether the device has given nothing for so long that it is to be opened anew.
  public mutating func passed(_ now: Double) -> Bool {
    guard var session else { return false }
    defer { self.session = session }
    session.quiet += min(max(0, now - session.lastLook), Self.longestLook)
    session.lastLook = max(session.lastLook, now)
    guard session.pace.canStall else { return false }
    // Sums of milliseconds are to reach a second.
    if session.quiet >= Self.stallTime - 1e-6 { input = .stalled }
    return session.pace == .device && session.quiet >= Self.lossTime - 1e-6
  }

  /// The clocks were read.
  public mutating func looked(now: Double, wall: Double) {
    wallOffset = wall - now
  }

  /// The stream is begun anew where it is, with the next block.
  public mutating func restarted() {
    guard var session, session.origin != nil else { return }
    session.origin = position(session)
    session.position = 0
    self.session = session
  }

  // MARK: - What follows

  /// The audio time at `now`, not before the end of the last audio. Once it was asked for, it goes on from there.
  public mutating func idle(at now: Double) -> Double {
    hasIdled = true
    return audioTime(at: now)
  }

  /// The audio time at `now`, not before the end of the last audio.
  public func audioTime(at now: Double) -> Double {
    max(end, now - (anchor.offset ?? start))
  }

  /// The wall-clock time of `audioTime`, seconds since 1970.
  public func unixTime(ofAudioTime audioTime: Double) -> Double {
    audioTime + (anchor.offset ?? start) + wallOffset
  }

  // MARK: - Streams

  private func position(_ session: Session) -> Double {
    (session.origin ?? 0) + Double(session.position) / Double(session.rate)
  }

  /// Begins a stream at the place of `block`.
  private mutating func begin(_ block: AudioBlock, _ session: inout Session) -> Verdict {
    let duration = Double(block.count) / Double(session.rate)
    // The very first audio is at 0, unless the time has begun without it.
    let origin = hasBegun || hasIdled ? max(end, audioTime(at: block.arrival - duration)) : 0
    let gap = hasBegun ? origin - end : 0
    session.origin = origin
    session.position = 0
    session.backlog = nil
    hasBegun = true
    append(block, &session)
    return .begin(origin: origin, gap: gap)
  }

  private mutating func append(_ block: AudioBlock, _ session: inout Session) {
    session.position += block.count
    session.lastArrival = block.arrival
    end = position(session)
    anchor.observe(audioTime: end, time: block.arrival)
  }
}
