import Affect
import CommandLineSupport
import Glibc

/// Valence and arousal on standard output, for the person in front of it: one line that moves on a terminal, a line per
/// hop elsewhere.
struct TerminalDisplay: Sendable {
  private let isTerminal = Console.outputIsTerminal
  /// A pager that stands still is not waited for.
  private let writer = LineWriter(descriptor: STDOUT_FILENO, limit: 4)
  private static let halfWidth = 10

  func show(_ estimate: AffectEstimate) {
    var line = "\(Self.padded(estimate.audioTime.fixed(2), 9)) s  "
    if let affect = estimate.values?.smoothed {
      line += "valence \(Self.bar(affect.valence))  arousal \(Self.bar(affect.arousal))"
    } else {
      line += estimate.state.rawValue
    }
    line += "  \(Self.padded(Double(estimate.level).fixed(1), 6)) dBFS"
    // Why the values do not move.
    if estimate.values != nil && estimate.state != .tracking { line += "  \(estimate.state.rawValue)" }
    if estimate.isFrozen { line += "  frozen" }
    writer.write(isTerminal ? "\r\(line)\u{1B}[K" : line + "\n")
  }

  /// Ends the line that moves.
  func finish() {
    if isTerminal { writer.write("\n") }
    writer.finish(within: 0.25)
  }

  /// A value from -1 to 1 with its sign, and as a bar from the middle.
  private static func bar(_ value: Float) -> String {
    let position = Int((value * Float(halfWidth)).rounded())
    let cells = (-halfWidth...halfWidth).map { cell in
      if cell == 0 { return "┼" }
      return (cell > 0 ? cell <= position : cell >= position) ? "█" : "·"
    }
    return "\(value < 0 ? "-" : "+")\(Double(abs(value)).fixed(2)) \(cells.joined())"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
