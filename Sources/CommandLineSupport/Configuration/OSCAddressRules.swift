/// What an OSC address in the configuration may look like.
enum OSCAddressRules {
  /// Bytes of an address.
  static let limit = 200

  static let expected =
    "an address that begins with / and has at most \(limit) bytes, with {value} and {name} as the only braces, and "
    + "without spaces and # * , ? [ ]"

  /// Whether `template` is an address of printable ASCII characters, without those that OSC 1.0 keeps for patterns
  /// ("OSC Address Spaces and OSC Addresses"), once the placeholders are filled in.
  static func allows(_ template: String) -> Bool {
    let filled = template.replacing("{value}", with: "v").replacing("{name}", with: "n")
    return template.utf8.count <= limit && filled.hasPrefix("/")
      && filled.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"#*,?[]{}".utf8.contains($0) }
  }
}
