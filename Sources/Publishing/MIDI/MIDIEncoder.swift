package import Affect

/// Makes control changes of values, those that say something new.
package struct MIDIEncoder {
  private let destination: MIDIDestination
  /// What each controller was told last.
  private var latest: [Int: UInt16] = [:]

  package init(_ destination: MIDIDestination) {
    self.destination = destination
  }

  /// The messages of three bytes each: status 0xB0 with the channel, controller, value of seven bits (MIDI 1.0, "Control
  /// Change"). Of fourteen bits the upper seven come first, since a receiver sets the lower ones to 0 when they come.
  package mutating func messages(_ values: UnitValues, _ palette: MoodPalette = .standard) -> [[UInt8]] {
    let color = values.color(palette)
    var messages: [[UInt8]] = []
    func add(_ controller: Int, _ value: UInt16) {
      messages.append([0xB0 | UInt8(destination.channel - 1), UInt8(controller), UInt8(value)])
    }
    for (controller, value) in destination.controls.sorted(by: { $0.key < $1.key }) {
      let unit = Double(values.unit(value, color))
      switch destination.resolution {
      case .sevenBits:
        let word = UInt16((unit * 127).rounded())
        if latest.updateValue(word, forKey: controller) != word { add(controller, word) }
      case .fourteenBits:
        let word = UInt16((unit * 16_383).rounded())
        let before = latest.updateValue(word, forKey: controller)
        guard before != word else { continue }
        if before.map({ $0 >> 7 }) != word >> 7 { add(controller, word >> 7) }
        add(controller + 32, word & 0x7F)
      }
    }
    return messages
  }
}
