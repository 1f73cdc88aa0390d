/// ArtDmx, the packet of Art-Net that carries levels ("Art-Net 4", Artistic Licence, "ArtDmx"): 530 bytes for 512 levels.
struct ArtNetPacket {
  /// The port address: net in the upper seven bits, subnet and universe in the lower eight.
  let universe: UInt16

  /// - Parameter sequence: 1...255, then 1 again; 0 would say that there is no order.
  func encoded(_ frame: [UInt8], sequence: UInt8) -> [UInt8] {
    var bytes = Array("Art-Net".utf8) + [0]
    bytes += [0x00, 0x50]  // OpDmx, the lower byte first
    bytes.append(bigEndian: UInt16(14))  // version of the protocol
    bytes += [sequence, 0]  // no physical input
    bytes += [UInt8(universe & 0xFF), UInt8(universe >> 8)]
    bytes.append(bigEndian: UInt16(frame.count))
    return bytes + frame
  }
}
