import Platform
import Publishing
import TestSupport
import Testing

/// Packets read back: those of the specification, those we write, and broken ones.
@Suite struct OSCDecodingTests {
  /// The examples of the OSC 1.0 specification ("Examples: OSC message").
  private static let frequency: [UInt8] = [
    0x2F, 0x6F, 0x73, 0x63, 0x69, 0x6C, 0x6C, 0x61, 0x74, 0x6F, 0x72, 0x2F, 0x34, 0x2F, 0x66, 0x72, 0x65, 0x71,
    0x75, 0x65, 0x6E, 0x63, 0x79, 0x00, 0x2C, 0x66, 0x00, 0x00, 0x43, 0xDC, 0x00, 0x00,
  ]
  private static let foo: [UInt8] = [
    0x2F, 0x66, 0x6F, 0x6F, 0x00, 0x00, 0x00, 0x00, 0x2C, 0x69, 0x69, 0x73, 0x66, 0x66, 0x00, 0x00, 0x00, 0x00,
    0x03, 0xE8, 0xFF, 0xFF, 0xFF, 0xFF, 0x68, 0x65, 0x6C, 0x6C, 0x6F, 0x00, 0x00, 0x00, 0x3F, 0x9D, 0xF3, 0xB6,
    0x40, 0xB5, 0xB2, 0x2D,
  ]
  private static let frequencyMessage = OSCMessage("/oscillator/4/frequency", .float(440))
  private static let fooMessage = OSCMessage(
    "/foo", .int(1000), .int(-1), .string("hello"), .float(1.234), .float(5.678))

  /// One of each kind of argument, and a bundle in a bundle.
  private static let everything = OSCBundle(
    timeTag: OSCTimeTag(bits: 0x0102_0304_0506_0708),
    elements: [
      .message(
        OSCMessage(
          "/all", .float(1), .int(2), .string("three"), .blob([4, 5, 6]), .int64(7), .double(8),
          .timeTag(.immediately), .symbol("ten"), .character("é"), .bool(true), .bool(false), .null, .impulse)),
      .bundle(OSCBundle([OSCMessage("/inner/*", .blob([]), .string(""))])),
      .message(OSCMessage("/last")),
    ])

  private static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }
  /// A bundle's first 16 bytes.
  private static let header = ascii("#bundle\0") + [0, 0, 0, 0, 0, 0, 0, 1]

  @Test func messagesOfTheSpecificationAreRead() throws {
    #expect(try OSCPacket(decoding: Self.frequency) == .message(Self.frequencyMessage))
    #expect(try OSCPacket(decoding: Self.foo) == .message(Self.fooMessage))
    #expect(Self.frequencyMessage.encoded() == Self.frequency)
    #expect(Self.fooMessage.encoded() == Self.foo)
    let bundle = Self.header + [0, 0, 0, 32] + Self.frequency + [0, 0, 0, 40] + Self.foo
    #expect(try OSCPacket(decoding: bundle) == .bundle(OSCBundle([Self.frequencyMessage, Self.fooMessage])))
  }

  @Test(
    arguments: [
      (.blob([1, 2, 3]), ascii(",b\0\0") + [0, 0, 0, 3, 1, 2, 3, 0]),
      (.blob([1, 2, 3, 4]), ascii(",b\0\0") + [0, 0, 0, 4, 1, 2, 3, 4]),
      (.blob([]), ascii(",b\0\0") + [0, 0, 0, 0]),
      (.int64(-2), ascii(",h\0\0") + [255, 255, 255, 255, 255, 255, 255, 254]),
      (.double(-1.5), ascii(",d\0\0") + [0xBF, 0xF8, 0, 0, 0, 0, 0, 0]),
      (.timeTag(OSCTimeTag(bits: 0x0102_0304_0506_0708)), ascii(",t\0\0") + [1, 2, 3, 4, 5, 6, 7, 8]),
      (.symbol("abcd"), ascii(",S\0\0abcd\0\0\0\0")),
      (.string("é"), ascii(",s\0\0") + [0xC3, 0xA9, 0, 0]),
      (.character("A"), ascii(",c\0\0") + [0, 0, 0, 0x41]),
      (.bool(true), ascii(",T\0\0")),
      (.bool(false), ascii(",F\0\0")),
      (.null, ascii(",N\0\0")),
      (.impulse, ascii(",I\0\0")),
    ] as [(OSCArgument, [UInt8])])
  func argumentsHaveTheirForm(_ argument: OSCArgument, _ tagAndBytes: [UInt8]) throws {
    let bytes = Self.ascii("/x\0\0") + tagAndBytes
    #expect(OSCMessage("/x", argument).encoded() == bytes)
    #expect(try OSCPacket(decoding: bytes) == .message(OSCMessage("/x", arguments: [argument])))
  }

  @Test func aZeroEndsAStringOnTheWire() throws {
    let packet = try OSCPacket(decoding: OSCMessage("/a\0b", .string("c\0d"), .int(1)).encoded())
    #expect(packet == .message(OSCMessage("/a", .string("c"), .int(1))))
  }

  @Test func aMessageWithoutTypeTagsHasNoArguments() throws {
    #expect(try OSCPacket(decoding: Self.ascii("/old\0\0\0\0")) == .message(OSCMessage("/old")))
  }

  @Test func messagesAreWalkedInTheOrderOfThePacket() throws {
    let packet = try OSCPacket(decoding: Self.everything.encoded())
    #expect(packet == .bundle(Self.everything))
    #expect(packet.messages.map(\.address) == ["/all", "/inner/*", "/last"])
    #expect(OSCPacket.message(Self.fooMessage).messages == [Self.fooMessage])
  }

  @Test func partOfALargerBufferIsReadFromItsStart() throws {
    #expect(try OSCPacket(decoding: ([1, 2, 3] + Self.foo + [4])[3..<43]) == .message(Self.fooMessage))
  }

  @Test(
    arguments: [
      ([], .truncated, 0),
      (ascii("/a\0"), .misaligned, 0),
      (ascii("/a\0\0,"), .misaligned, 0),
      (ascii("a\0\0\0,\0\0\0"), .unknownContent, 0),
      ([0, 0, 0, 0], .unknownContent, 0),
      (ascii("#bundl\0\0") + [0, 0, 0, 0, 0, 0, 0, 1], .unknownContent, 0),
      (ascii("#bundles\0\0\0\0") + [0, 0, 0, 0, 0, 0, 0, 1], .unknownContent, 0),
      // Strings.
      (ascii("/abc"), .truncated, 0),
      (ascii("/a\0b,\0\0\0"), .invalidPadding, 3),
      (ascii("/") + [0xFF, 0, 0] + ascii(",\0\0\0"), .invalidText, 0),
      (ascii("/a\0\0,s\0\0") + [0x61, 0xC3, 0, 0], .invalidText, 8),
      (ascii("/a\0\0,s\0\0abcd"), .truncated, 8),
      // Type tags.
      (ascii("/a\0\0f\0\0\0") + [0, 0, 0, 0], .missingTypeTags, 4),
      (ascii("/a\0\0\0\0\0\0"), .missingTypeTags, 4),
      (ascii("/a\0\0,iii"), .truncated, 4),
      (ascii("/a\0\0,q\0\0"), .unsupportedTypeTag, 5),
      (ascii("/a\0\0,T") + [0xFF, 0], .unsupportedTypeTag, 6),
      (ascii("/a\0\0,[T]\0\0\0\0"), .unsupportedTypeTag, 5),
      (ascii("/a\0\0,T]\0"), .unsupportedTypeTag, 6),
      // Arguments.
      (ascii("/a\0\0,i\0\0"), .truncated, 8),
      (ascii("/a\0\0,f\0\0"), .truncated, 8),
      (ascii("/a\0\0,h\0\0") + [0, 0, 0, 0], .truncated, 8),
      (ascii("/a\0\0,d\0\0") + [0, 0, 0, 0], .truncated, 8),
      (ascii("/a\0\0,t\0\0") + [0, 0, 0, 0], .truncated, 8),
      (ascii("/a\0\0,c\0\0") + [0, 0, 0xD8, 0], .invalidCharacter, 8),
      (ascii("/a\0\0,i\0\0") + [0, 0, 0, 1, 0, 0, 0, 2], .trailingBytes, 12),
      (ascii("/a\0\0,\0\0\0") + [0, 0, 0, 0], .trailingBytes, 8),
      (ascii("/a\0\0,b\0\0"), .truncated, 8),
      (ascii("/a\0\0,b\0\0") + [0, 0, 0, 5, 1, 2, 3, 4], .truncated, 8),
      (ascii("/a\0\0,b\0\0") + [0x7F, 255, 255, 255, 1, 2, 3, 4], .truncated, 8),
      (ascii("/a\0\0,b\0\0") + [255, 255, 255, 255, 1, 2, 3, 4], .negativeSize, 8),
      (ascii("/a\0\0,b\0\0") + [0x80, 0, 0, 0, 1, 2, 3, 4], .negativeSize, 8),
      (ascii("/a\0\0,b\0\0") + [0, 0, 0, 3, 1, 2, 3, 4], .invalidPadding, 15),
      // Bundles.
      (ascii("#bundle\0"), .truncated, 8),
      (ascii("#bundle\0") + [0, 0, 0, 0], .truncated, 8),
      (header + [0, 0, 0, 0], .truncated, 20),
      (header + [0, 0, 0, 8] + ascii("/a\0\0"), .truncated, 16),
      (header + [0, 0, 0, 6] + ascii("/a\0\0,\0\0\0"), .misaligned, 20),
      (header + [0xFF, 255, 255, 252] + ascii("/a\0\0,\0\0\0"), .negativeSize, 16),
      (header + [0, 0, 0, 8] + ascii("/a\0\0,i\0\0") + [0, 0, 0, 8], .truncated, 28),
      (header + [0, 0, 0, 4] + ascii("/abc") + [0, 0, 0, 8] + ascii("/a\0\0,\0\0\0"), .truncated, 20),
      (header + [0, 0, 0, 8] + ascii("/a\0\0,\0\0\0") + [0, 0, 0, 4] + ascii("b\0\0\0"), .unknownContent, 32),
    ] as [([UInt8], OSCDecodingError.Code, Int)])
  func brokenPacketsSayWhatIsWrongAndWhere(_ bytes: [UInt8], _ code: OSCDecodingError.Code, _ offset: Int) throws {
    let error = try #require(throws: OSCDecodingError.self) { try OSCPacket(decoding: bytes) }
    #expect(error.code == code, "\(error)")
    #expect(error.offset == offset, "\(error)")
  }

  @Test func errorsAreSafeToLog() throws {
    let error = try #require(throws: OSCDecodingError.self) {
      try OSCPacket(decoding: Self.ascii("/a\0\0,\u{1B}\0\0"))
    }
    #expect(error.description == "OSC packet, byte 5: the type tag with the code 27 is not known")
  }

  @Test func bundlesNestSoDeepAndNoDeeper() throws {
    var packet = OSCPacket.message(OSCMessage("/deep"))
    for _ in 1...OSCPacket.maximumDepth { packet = .bundle(OSCBundle(elements: [packet])) }
    #expect(try OSCPacket(decoding: packet.encoded()) == packet)
    packet = .bundle(OSCBundle(elements: [packet]))
    let error = try #require(throws: OSCDecodingError.self) { try OSCPacket(decoding: packet.encoded()) }
    #expect(error.code == .tooDeep)
    #expect(error.offset == 20 * OSCPacket.maximumDepth)
  }

  @Test func messagesAreCountedOverAllBundles() throws {
    let half = OSCBundle(Array(repeating: OSCMessage("/a"), count: OSCPacket.maximumMessageCount / 2))
    let full = OSCPacket.bundle(OSCBundle(elements: [.bundle(half), .bundle(half)]))
    #expect(try OSCPacket(decoding: full.encoded()).messages.count == OSCPacket.maximumMessageCount)
    let overfull = OSCBundle(elements: [full, .message(OSCMessage("/b"))]).encoded()
    let error = try #require(throws: OSCDecodingError.self) { try OSCPacket(decoding: overfull) }
    #expect(error.code == .tooManyMessages)
    // "/b" and its type tags are the last eight bytes.
    #expect(error.offset == overfull.count - 8)
  }

  @Test func packetsAreAsLongAsADatagramAtMost() throws {
    // Four bytes each of address, type tags and size; 65,504 is the last multiple of four below the limit.
    let longest = OSCMessage("/a", .blob(Array(repeating: 7, count: 65_504 - 12)))
    #expect(try OSCPacket(decoding: longest.encoded()) == .message(longest))
    let error = try #require(throws: OSCDecodingError.self) {
      try OSCPacket(decoding: longest.encoded() + [0, 0, 0, 0])
    }
    #expect(error.code == .tooLong)
  }

  @Test func randomPacketsComeBack() throws {
    for seed in 0..<500 {
      var packets = RandomPackets(seed: UInt64(seed))
      let packet = packets.packet(depth: 0)
      #expect(try OSCPacket(decoding: packet.encoded()) == packet, "seed \(seed)")
    }
  }

  /// What is read from a cut packet is what stands in it: at most a shorter bundle, or a message without its arguments.
  @Test func aPacketCutShortIsReadAsItIsOrRefused() {
    // What can be read: up to the address; up to the time tag and each element.
    for (packet, readable) in [(Self.frequency, [24]), (Self.foo, [8]), (Self.everything.encoded(), [16, 100, 148])] {
      for count in 0..<packet.count {
        let read = try? OSCPacket(decoding: packet[..<count])
        #expect((read != nil) == readable.contains(count), "\(count) bytes")
        if let read { #expect(read.encoded().starts(with: packet[..<count]), "\(count) bytes") }
      }
    }
  }

  /// Being strict, the decoder takes one form of each packet only: the one that is written.
  @Test func aPacketWithAChangedByteIsReadAsItIsOrRefused() {
    for packet in [Self.frequency, Self.foo, Self.everything.encoded()] {
      var readCount = 0
      for index in packet.indices {
        for value in UInt8.min...UInt8.max where value != packet[index] {
          var changed = packet
          changed[index] = value
          guard let read = try? OSCPacket(decoding: changed) else { continue }
          readCount += 1
          #expect(read.encoded() == changed, "byte \(index) is \(value)")
        }
      }
      // Letters of the address and bytes of the numbers may change, sizes and padding may not.
      #expect(readCount > 0)
    }
  }

  @Test func noiseIsReadAsItIsOrRefused() {
    var generator = SeededGenerator(seed: 9)
    let pieces = [
      Self.header, [0, 0, 0, 8], [0, 0, 0, 32], [255, 255, 255, 255], [0, 0, 0, 0], Self.ascii("/a\0\0"),
      Self.ascii(",s\0\0"), Self.ascii(",b\0\0"), Self.ascii(",iT\0"), Self.ascii(",h\0\0"), Self.frequency,
    ]
    var readCount = 0
    for _ in 0..<25_000 {
      let packet = (0..<Int.random(in: 1...6, using: &generator)).flatMap { _ in
        pieces.randomElement(using: &generator) ?? []
      }
      guard let read = try? OSCPacket(decoding: packet) else { continue }
      readCount += 1
      // Where type tags were missing, they are written.
      let written = read.encoded()
      #expect(written == packet || (try? OSCPacket(decoding: written)) == read)
    }
    #expect(readCount > 1000)
  }
}

/// Packets of all kinds of arguments, bundles in bundles, and texts of one to four bytes a character.
private struct RandomPackets {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func packet(depth: Int) -> OSCPacket {
    guard depth < 4, Bool.random(using: &generator) else {
      let address = "/" + text()
      return .message(OSCMessage(address, arguments: (0..<count(8)).map { _ in argument() }))
    }
    let timeTag = OSCTimeTag(bits: generator.next())
    return .bundle(OSCBundle(timeTag: timeTag, elements: (0..<count(4)).map { _ in packet(depth: depth + 1) }))
  }

  private mutating func argument() -> OSCArgument {
    switch count(13) {
    case 0: .float(Float.random(in: -1e9...1e9, using: &generator))
    case 1: .int(Int32(truncatingIfNeeded: generator.next()))
    case 2: .string(text())
    case 3: .blob((0..<count(10)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    case 4: .int64(Int64(bitPattern: generator.next()))
    case 5: .double(Double.random(in: -1e99...1e99, using: &generator))
    case 6: .timeTag(OSCTimeTag(bits: generator.next()))
    case 7: .symbol(text())
    case 8: .character(["a", "é", "€", "🎵"].randomElement(using: &generator) ?? "a")
    case 9: .bool(true)
    case 10: .bool(false)
    case 11: .null
    default: .impulse
    }
  }

  private mutating func text() -> String {
    (0..<count(9)).map { _ in ["a", "/", "é", "€", "🎵"].randomElement(using: &generator) ?? "" }.joined()
  }

  /// Less than `limit`.
  private mutating func count(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }
}
