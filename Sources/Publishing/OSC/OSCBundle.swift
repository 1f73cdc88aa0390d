/// Messages that belong together (OSC 1.0, "OSC bundles"): a receiver takes them all at the same instant. A bundle may
/// hold bundles with a later time.
public struct OSCBundle: Sendable, Equatable {
  public let timeTag: OSCTimeTag
  /// Messages and bundles, in the order of the packet.
  public let elements: [OSCPacket]

  public init(timeTag: OSCTimeTag = .immediately, _ messages: [OSCMessage]) {
    self.init(timeTag: timeTag, elements: messages.map(OSCPacket.message))
  }

  public init(timeTag: OSCTimeTag = .immediately, elements: [OSCPacket]) {
    self.timeTag = timeTag
    self.elements = elements
  }

  /// The messages of the bundle and of the bundles in it, in the order of the packet.
  public var messages: [OSCMessage] { elements.flatMap(\.messages) }

  /// The bundle as one packet: `#bundle`, the time tag, then the size and content of each element.
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes
  }

  func encode(into bytes: inout [UInt8]) {
    bytes.append(oscString: Self.identifier.utf8)
    bytes.append(bigEndian: timeTag.bits)
    for element in elements {
      let content = element.encoded()
      bytes.append(bigEndian: UInt32(content.count))
      bytes += content
    }
  }

  /// What a bundle begins with.
  static let identifier = "#bundle"
}
