internal import Publishing

/// A label that is typed, byte by byte.
struct LabelEntry {
  private(set) var text = ""
  /// The beginning of a character.
  private var pending: [UInt8] = []

  /// Takes a byte of UTF-8. Control characters, and what would make the label too long, are left out.
  mutating func take(_ byte: UInt8) {
    guard byte >= 0x20, text.utf8.count + pending.count < ControlCommand.labelLimit else { return }
    pending.append(byte)
    if let character = String(validating: pending, as: UTF8.self) {
      if text.utf8.count + character.utf8.count <= ControlCommand.labelLimit { text += character }
      pending = []
    } else if pending.count == 4 {
      pending = []
    }
  }

  mutating func removeLast() {
    if !text.isEmpty { text.removeLast() }
  }
}
