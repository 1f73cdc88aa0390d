import Platform
import TestSupport

extension [UInt8] {
  /// Changes, takes away or adds a byte, or cuts the end off.
  mutating func change(using generator: inout SeededGenerator) {
    guard !isEmpty else { return }
    let index = Int.random(in: indices, using: &generator)
    let byte = Bool.random(using: &generator) ? UInt8.random(in: 0...255, using: &generator) : Self.likely(&generator)
    switch Int.random(in: 0..<10, using: &generator) {
    case 0..<5: self[index] = byte
    case 5..<7: remove(at: index)
    case 7..<9: insert(byte, at: index)
    default: removeLast(count - index)
    }
  }

  private static func likely(_ generator: inout SeededGenerator) -> UInt8 {
    "0123456789-+.eE{}[],:\"\\ntf ".utf8.randomElement(using: &generator) ?? 0
  }
}
