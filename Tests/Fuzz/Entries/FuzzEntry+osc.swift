internal import Publishing

extension FuzzEntry {
  /// Decodes the packet, looks its addresses up, and encodes its messages again.
  static func acceptsOSC(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
    let packet: OSCPacket
    do {
      packet = try OSCPacket(decoding: bytes)
    } catch {
      try BrokenPromise.unless((0...bytes.count).contains(error.offset), "a mistake lies in the packet: \(error)")
      return false
    }
    let messages = packet.messages
    try BrokenPromise.unless(
      messages.count <= OSCPacket.maximumMessageCount, "the number of messages is bounded, found \(messages.count)")
    for message in messages {
      // Patterns come from outside too. One that takes for ever is found by the fuzzer's time limit.
      _ = OSCAddressPattern(message.address).matches("/affect/unit/valence/aaaaaaaaaaaaaaaa")
      let encoded = message.encoded()
      // The bytes are compared, because a NaN does not equal itself.
      let again = try? OSCPacket(decoding: encoded)
      try BrokenPromise.unless(
        again?.messages.map { $0.encoded() } == [encoded], "a message survives the way there and back: \(message)")
    }
    return true
  }
}
