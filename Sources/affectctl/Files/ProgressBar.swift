import CommandLineSupport

/// A bar on standard error that shows how far a file is read; nothing where that is no terminal.
struct ProgressBar {
  private let title: String
  private let total: Int
  private let isShown = Console.errorIsTerminal
  private var shownPercent = -1

  private static let width = 30

  /// - Parameter total: frames that are expected; 0 if that is not known.
  init(title: String, total: Int) {
    self.title = title
    self.total = total
  }

  mutating func show(done: Int) {
    guard isShown, total > 0 else { return }
    let percent = min(100, done * 100 / total)
    guard percent != shownPercent else { return }
    shownPercent = percent
    let filled = Self.width * percent / 100
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
    Console.writeError("\r\(bar) \(percent) % \(title)")
  }

  /// Takes the bar away.
  func clear() {
    guard shownPercent >= 0 else { return }
    Console.writeError("\r\u{1B}[K")
  }
}
