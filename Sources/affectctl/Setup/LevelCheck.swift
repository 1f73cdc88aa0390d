import AudioInput
import CommandLineSupport
import Glibc
import Platform

/// How loud an input is, as a meter that moves.
struct LevelCheck {
  /// The highest RMS of a tenth of a second, dBFS: a full-scale sine has 0.
  private(set) var loudest = -120.0
  /// The highest sample, full scale is 1.
  private(set) var peak: Float = 0

  /// Seconds that it takes if nobody ends it.
  static let duration = 15.0
  private static let width = 40

  /// Listens to the device until `isOver`.
  ///
  /// - Parameter show: called with a line ten times a second.
  /// - Throws: ``Failure`` if the device cannot be opened or is lost.
  mutating func listen(to name: String, show: (String) -> Void, isOver: () -> Bool) throws(Failure) {
    let source = try ALSASource(name: name, leastChannelCount: 1)
    let count = source.format.sampleRate / 10 * source.format.channelCount
    var buffer = [Float](repeating: 0, count: count)
    var (sum, seen) = (0.0, 0)
    while !isOver() {
      guard case .frames(let frames) = try source.read(into: &buffer) else { continue }
      for sample in buffer.prefix(frames * source.format.channelCount) where sample.isFinite {
        sum += Double(sample) * Double(sample)
        peak = max(peak, abs(sample))
        seen += 1
      }
      guard seen >= count else { continue }
      let level = max(-120, 10 * log10(2 * sum / Double(seen) + 1e-12))
      loudest = max(loudest, level)
      (sum, seen) = (0, 0)
      let filled = Int(min(max((level + 60) / 60, 0), 1) * Double(Self.width))
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
      show("\(bar) \(Int(level.rounded())) dBFS, loudest \(Int(loudest.rounded()))")
    }
  }

  /// What is to be said of it.
  var verdict: String {
    if loudest < -70 { return "nothing is heard: look at the cable, the input and its switch for muting" }
    if peak >= 0.999 { return "it clips: turn it down before it comes in here" }
    if loudest < -45 { return "it is very quiet: turn it up if you can, and calibrate (affectctl calibrate)" }
    return "good"
  }
}
