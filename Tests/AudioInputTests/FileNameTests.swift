import Platform
import Testing

/// Names that are not UTF-8.
@Suite struct FileNameTests {
  @Test func everyByteComesBack() {
    var generator = SystemRandomNumberGenerator()
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8.random(in: 1...255, using: &generator) }
      #expect(FileName.bytes(FileName.string(bytes)) == bytes)
    }
  }

  @Test(arguments: ["", "plain.wav", "café.wav", "日本.flac", "🎵", "e\u{301}"])
  func whatIsUTF8StaysAsItIs(_ name: String) {
    #expect(FileName.string(Array(name.utf8)) == name)
    #expect(FileName.bytes(name) == Array(name.utf8))
    #expect(FileName.printable(name) == name)
  }

  @Test func singleBytesCanBePrinted() {
    let name = FileName.string(Array("caf".utf8) + [0xE9] + Array(".wav".utf8))
    #expect(FileName.printable(name) == "caf\u{FFFD}.wav")
  }
}
