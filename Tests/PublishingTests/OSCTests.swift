import Publishing
import Testing

/// OSC packets, byte by byte.
@Suite struct OSCTests {
  /// The examples of the OSC 1.0 specification ("Examples: OSC message"), in a bundle: `/oscillator/4/frequency` with
  /// the float 440, and a message with an int, a negative int, a string and two floats.
  @Test func messagesAreThoseOfTheSpecification() {
    let bundle = OSCBundle([
      OSCMessage("/oscillator/4/frequency", .float(440)),
      OSCMessage("/foo", .int(1000), .int(-1), .string("hello"), .float(1.234), .float(5.678)),
    ])
    let first: [UInt8] = [
      0x2F, 0x6F, 0x73, 0x63, 0x69, 0x6C, 0x6C, 0x61, 0x74, 0x6F, 0x72, 0x2F, 0x34, 0x2F, 0x66, 0x72, 0x65, 0x71,
      0x75, 0x65, 0x6E, 0x63, 0x79, 0x00, 0x2C, 0x66, 0x00, 0x00, 0x43, 0xDC, 0x00, 0x00,
    ]
    let second: [UInt8] = [
      0x2F, 0x66, 0x6F, 0x6F, 0x00, 0x00, 0x00, 0x00, 0x2C, 0x69, 0x69, 0x73, 0x66, 0x66, 0x00, 0x00, 0x00, 0x00,
      0x03, 0xE8, 0xFF, 0xFF, 0xFF, 0xFF, 0x68, 0x65, 0x6C, 0x6C, 0x6F, 0x00, 0x00, 0x00, 0x3F, 0x9D, 0xF3, 0xB6,
      0x40, 0xB5, 0xB2, 0x2D,
    ]
    let header: [UInt8] = [0x23, 0x62, 0x75, 0x6E, 0x64, 0x6C, 0x65, 0x00, 0, 0, 0, 0, 0, 0, 0, 1]
    #expect(bundle.encoded() == header + [0, 0, 0, 32] + first + [0, 0, 0, 40] + second)
  }

  @Test func aTimeTagIsSixtyFourBitsBigEndian() {
    let bytes = OSCBundle(timeTag: OSCTimeTag(bits: 0x0102_0304_0506_0708), []).encoded()
    #expect(Array(bytes[8...]) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func stringsEndWithAZeroAndFillFourBytes() {
    for length in 0...9 {
      let text = String(repeating: "a", count: length)
      let bytes = OSCBundle([OSCMessage("/", .string(text))]).encoded()
      // Header 16, size 4, address 4, tags 4.
      let string = bytes[28...]
      #expect(string.count % 4 == 0 && string.count > length && string.count <= length + 4)
      #expect(string.dropFirst(length).allSatisfy { $0 == 0 })
    }
  }

  @Test func destinationsAreHostAndPort() {
    #expect(HostEndpoint("127.0.0.1:9000") == OSCDestination.standard.endpoint)
    #expect(HostEndpoint("desk.local:53000")?.host == "desk.local")
    #expect(HostEndpoint("[::1]:9000")?.host == "::1")
    #expect(HostEndpoint("[::1]:9000")?.description == "[::1]:9000")
    for text in ["", "9000", "host", "host:", ":9000", "host:0", "host:65536", "::1:9000", "host:9000x"] {
      #expect(HostEndpoint(text) == nil, "\(text)")
    }
  }
}
