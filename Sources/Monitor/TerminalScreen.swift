internal import CScreen
internal import Glibc

/// The terminal on standard output and input, taken over as a whole by ncurses until ``end()``.
///
/// With `NO_COLOR` set (no-color.org) there are no colours, and where the language of the environment has no UTF-8 there
/// is nothing but ASCII.
struct TerminalScreen {
  enum Key: Equatable {
    case byte(UInt8)
    case escape, enter, backspace
  }

  let characters: CharacterSet

  /// Nil if the terminal is not known, or cannot place a cursor.
  init?() {
    let isUTF8 = affectd_locale_is_utf8()
    let terminal = getenv("TERM").map { String(cString: $0) } ?? ""
    // The fonts of the Linux console have blocks and frames, and no Braille.
    characters = isUTF8 ? (terminal == "linux" ? .blocks : .unicode) : .ascii
    let wantsColor = getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    let styles = TextStyle.allCases.map(Self.look)
    guard affectd_screen_begin(wantsColor, styles, Int32(styles.count)) >= 0 else { return nil }
  }

  /// Colours that those tell apart who do not see all (Okabe and Ito, "Color universal design", 2008), as near as the
  /// terminal has them.
  private static func look(_ style: TextStyle) -> affectd_style {
    func look(_ color: Int32, _ basic: Int32, bold: Bool = false, faint: Bool = false, reversed: Bool = false)
      -> affectd_style
    {
      affectd_style(color_256: color, color_8: basic, is_bold: bold, is_faint: faint, is_reversed: reversed)
    }
    return switch style {
    case .plain: look(-1, -1)
    case .faint: look(245, -1, faint: true)
    case .strong: look(-1, -1, bold: true)
    case .reversed: look(-1, -1, reversed: true)
    case .valence: look(214, 3)
    case .arousal: look(74, 6)
    case .excitedPositive: look(214, 3, bold: true)
    case .excitedNegative: look(202, 1, bold: true)
    case .calmNegative: look(33, 4, bold: true)
    case .calmPositive: look(36, 2, bold: true)
    case .good: look(36, 2)
    case .warning: look(214, 3, bold: true)
    case .alarm: look(202, 1, bold: true)
    }
  }

  var size: (width: Int, height: Int) { (Int(affectd_screen_width()), Int(affectd_screen_height())) }

  /// - Parameter isWhole: whether something else may have written on the terminal.
  func show(_ canvas: TextCanvas, isWhole: Bool) {
    for row in 0..<canvas.height {
      for run in canvas.runs(row: row) {
        affectd_screen_put(Int32(row), Int32(run.column), Int32(run.style.rawValue), run.text)
      }
    }
    affectd_screen_show(isWhole)
  }

  /// The keys that were pressed, and whether the size has changed.
  func keys() -> (keys: [Key], isResized: Bool) {
    var keys: [Key] = []
    var isResized = false
    while true {
      let key = affectd_screen_key()
      if key == Int32(affectd_key_none) { return (keys, isResized) }
      switch key {
      case Int32(affectd_key_resize): isResized = true
      case 27: keys.append(.escape)
      case 10: keys.append(.enter)
      case 127: keys.append(.backspace)
      case 1...255: keys.append(.byte(UInt8(key)))
      default: break
      }
    }
  }

  func end() { affectd_screen_end() }
}

/// How many cells a character takes.
enum CharacterWidth {
  /// Whether it takes one: neither a wide one nor one that controls the terminal.
  static func isOne(_ character: Character) -> Bool {
    let widths = character.unicodeScalars.map { affectd_character_width($0.value) }
    return widths.first == 1 && widths.dropFirst().allSatisfy { $0 == 0 }
  }
}
