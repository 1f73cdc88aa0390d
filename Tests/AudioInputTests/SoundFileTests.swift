import AudioInput
import Foundation
import TestSupport
import Testing

@Suite struct SoundFileTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private struct Content {
    var samples: [Float] = []
    var rate = 0
    var invalid = 0
    var warnings: [String] = []
  }

  private func read(_ path: String, channel: ChannelSelection = .average) throws -> Content {
    let reader = try MonoReader(SoundFileSource(path: path), channel: channel)
    var content = Content(rate: reader.sampleRate)
    try reader.readAll { samples in
      for index in samples.indices { content.samples.append(samples[index]) }
    }
    content.invalid = reader.invalidSampleCount
    content.warnings = reader.source.warnings
    return content
  }

  private func message(_ path: String, channel: ChannelSelection = .average) -> String {
    do {
      _ = try read(path, channel: channel)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    (SoundFileWriter.Format.wav16, "a.wav", Float(1e-4)), (.wavFloat, "b.wav", 1e-7), (.flac, "c.flac", 1e-4),
    (.oggVorbis, "d.ogg", 0.1), (.oggOpus, "e.opus", 0.1), (.mp3, "f.mp3", 0.1),
  ])
  func everyFormatIsRead(format: SoundFileWriter.Format, name: String, tolerance: Float) throws {
    let rate = format == .oggOpus ? 48_000 : 44_100
    let samples = TestSignal.sine(440, amplitude: 0.5, seconds: 1, rate: rate)
    try SoundFileWriter.write(samples, rate: rate, format: format, to: directory.file(name))
    let content = try read(directory.file(name))
    #expect(content.rate == rate)
    #expect(content.warnings == [])
    // mp3 pads at both ends.
    #expect(content.samples.count >= rate && content.samples.count < rate + 5000)
    let power = content.samples.reduce(0) { $0 + $1 * $1 } / Float(rate)
    #expect(abs(power - 0.125) < 0.01)
    if tolerance < 0.01 {
      #expect(zip(content.samples, samples).allSatisfy { abs($0 - $1) < tolerance })
    }
  }

  @Test func channelsAreChosenOrAveraged() throws {
    let path = directory.file("six.wav")
    let frames = (0..<100).flatMap { _ in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] as [Float] }
    try SoundFileWriter.write(frames, channels: 6, rate: 48_000, format: .wavFloat, to: path)
    for (channel, expected) in [
      (ChannelSelection.average, Float(0.35)), (ChannelSelection("left")!, 0.1), (ChannelSelection("right")!, 0.2),
      (ChannelSelection("6")!, 0.6),
    ] {
      let samples = try read(path, channel: channel).samples
      #expect(samples.count == 100)
      #expect(samples.allSatisfy { abs($0 - expected) < 1e-6 })
    }
    #expect(message(path, channel: ChannelSelection("7")!).contains("channel 7"))
  }

  @Test func samplesThatAreNoUsableNumbersCountAsSilence() throws {
    let path = directory.file("nan.wav")
    // A whole block of 10 ms: more of them would make it one that is no signal at all.
    let sound = [Float](repeating: 0.25, count: 74)
    let odd: [Float] = [0.5, .nan, .infinity, -.infinity, 1e20, -0.5]
    try SoundFileWriter.write(odd + sound, rate: 8_000, format: .wavFloat, to: path)
    let content = try read(path)
    #expect(content.samples == [0.5, 0, 0, 0, 0, -0.5] + sound)
    #expect(content.invalid == 4)
  }

  @Test func aWavCutShortIsReadAsFarAsItGoesWithAWarning() throws {
    let path = directory.file("whole.wav")
    try SoundFileWriter.write(
      TestSignal.music(seconds: 1, rate: 16_000), rate: 16_000, format: .wav16, to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    let cut = try directory.write(whole.prefix(whole.count / 2), to: "cut.wav")
    let content = try read(cut)
    #expect(content.samples.count > 7_000 && content.samples.count < 9_000)
    #expect(content.warnings.count == 1)
    #expect(content.warnings.first?.contains("cut short") == true)
    #expect(try read(path).warnings == [])
  }

  @Test func aFlacCutShortIsReadAsFarAsItGoesWithAWarning() throws {
    let path = directory.file("whole.flac")
    try SoundFileWriter.write(
      TestSignal.music(seconds: 2, rate: 16_000), rate: 16_000, format: .flac, to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    let cut = try directory.write(whole.prefix(whole.count * 3 / 4), to: "cut.flac")
    let content = try read(cut)
    #expect(content.samples.count > 10_000 && content.samples.count < 32_000)
    #expect(content.warnings.count == 1)
  }

  @Test func aWavWrittenIntoAPipeHasNoLengthAndNoWarning() throws {
    let path = directory.file("piped.wav")
    try SoundFileWriter.write([Float](repeating: 0.25, count: 1000), rate: 8_000, format: .wav16, to: path)
    var bytes = try Data(contentsOf: URL(filePath: path))
    // What ffmpeg writes where it cannot go back: all ones.
    bytes.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
    bytes.replaceSubrange(40..<44, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(bytes[36..<40] == Data("data".utf8))
    let content = try read(directory.write(bytes, to: "piped2.wav"))
    #expect(content.samples.count == 1000)
    #expect(content.warnings == [])
  }

  // MARK: - Files as people have them

  /// Music of so many seconds as the bytes of a file.
  private func encoded(_ format: SoundFileWriter.Format, seconds: Double, rate: Int = 44_100) throws -> Data {
    let path = directory.file("encoded-\(format)-\(seconds)")
    try SoundFileWriter.write(TestSignal.music(seconds: seconds, rate: rate), rate: rate, format: format, to: path)
    return try Data(contentsOf: URL(filePath: path))
  }

  /// Seconds of the file at `path`, and what is odd about it.
  private func seconds(_ bytes: Data, _ name: String) throws -> (seconds: Double, warnings: [String]) {
    let content = try read(directory.write(bytes, to: name))
    return (Double(content.samples.count) / Double(content.rate), content.warnings)
  }

  /// Without the frame at the beginning that has the table of contents.
  private func withoutContents(_ mp3: Data) throws -> Data {
    let tag = try #require(["Xing", "Info"].compactMap { mp3.range(of: Data($0.utf8)) }.first)
    #expect(tag.lowerBound < 200)
    let next = try #require(mp3[(tag.upperBound + 32)...].range(of: mp3.prefix(2)))
    return mp3[next.lowerBound...]
  }

  @Test func anMP3WithoutContentsIsReadToItsEnd() throws {
    let mp3 = try withoutContents(encoded(.mp3, seconds: 20))
    let (seconds, warnings) = try seconds(mp3, "plain.mp3")
    #expect(seconds >= 20 && seconds < 20.2)
    #expect(warnings == [])
  }

  @Test func anMP3InAWavIsReadToItsEnd() throws {
    let mp3 = try withoutContents(encoded(.mp3, seconds: 20))
    func number(_ value: Int, _ count: Int) -> Data { Data((0..<count).map { UInt8(value >> (8 * $0) & 0xFF) }) }
    // WAVEFORMATEX with the tag of MPEG layer III (RFC 2361), and the twelve bytes that belong to it.
    let format =
      number(0x55, 2) + number(1, 2) + number(44_100, 4) + number(16_000, 4) + number(1, 2) + number(0, 2)
      + number(12, 2) + number(1, 2) + number(2, 4) + number(417, 2) + number(1, 2) + number(1393, 2)
    for length in [mp3.count, 0, 0xFFFF_FFFF] {
      let chunks =
        Data("WAVEfmt ".utf8) + number(format.count, 4) + format + Data("data".utf8) + number(length, 4) + mp3
      let (seconds, warnings) = try seconds(Data("RIFF".utf8) + number(chunks.count, 4) + chunks, "mp3.wav")
      #expect(seconds >= 20 && seconds < 20.2)
      #expect(warnings == [])
    }
  }

  @Test(arguments: [SoundFileWriter.Format.mp3, .oggVorbis, .oggOpus])
  func allPartsOfAChainAreRead(_ format: SoundFileWriter.Format) throws {
    let rate = format == .oggOpus ? 48_000 : 44_100
    let (first, second) = (try encoded(format, seconds: 5, rate: rate), try encoded(format, seconds: 7, rate: rate))
    let (seconds, warnings) = try seconds(first + second + first, "chain.\(format)")
    #expect(abs(seconds - 17) < 0.3, "\(seconds)")
    #expect(warnings == [])
  }

  @Test(arguments: [SoundFileWriter.Format.mp3, .oggVorbis, .oggOpus, .flac, .wav16])
  func aFileThatIsCutShortIsToldOf(_ format: SoundFileWriter.Format) throws {
    let whole = try encoded(format, seconds: 20, rate: 48_000)
    let (seconds, warnings) = try seconds(whole.prefix(whole.count / 2), "half.\(format)")
    #expect(seconds > 5 && seconds < 17)
    #expect(warnings.count == 1 && (warnings[0].contains("cut short") || format == .flac), "\(warnings)")
    #expect(warnings[0].contains(" s"))
    #expect(try self.seconds(whole, "whole.\(format)").warnings == [])
  }

  @Test func anMP3WithoutContentsThatIsCutShortIsToldOf() throws {
    let whole = try withoutContents(encoded(.mp3, seconds: 20))
    let (seconds, warnings) = try seconds(whole.prefix(whole.count / 2), "half.mp3")
    #expect(seconds > 7 && seconds < 13)
    #expect(warnings.count == 1 && warnings[0].contains("in the middle of a frame"), "\(warnings)")
  }

  @Test(arguments: [SoundFileWriter.Format.mp3, .oggVorbis, .oggOpus])
  func whatLiesBehindAHoleIsRead(_ format: SoundFileWriter.Format) throws {
    var bytes = [UInt8](try encoded(format, seconds: 20, rate: 48_000))
    let middle = bytes.count / 2
    bytes.replaceSubrange(middle..<(middle + 5000), with: [UInt8](repeating: 0, count: 5000))
    let (seconds, warnings) = try seconds(Data(bytes), "hole.\(format)")
    #expect(seconds > 15 && seconds < 20.2, "\(seconds)")
    #expect(warnings.count == 1 && warnings[0].contains("damaged at") && warnings[0].contains("missing"), "\(warnings)")
  }

  @Test func aWavWhoseLengthsAreZeroIsReadToItsEnd() throws {
    let path = directory.file("piped.wav")
    try SoundFileWriter.write([Float](repeating: 0.25, count: 1000), rate: 8_000, format: .wav16, to: path)
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes.replaceSubrange(4..<8, with: [0, 0, 0, 0])
    bytes.replaceSubrange(40..<44, with: [0, 0, 0, 0])
    let content = try read(directory.write(bytes, to: "zero.wav"))
    #expect(content.samples.count == 1000 && content.samples.allSatisfy { abs($0 - 0.25) < 1e-4 })
    #expect(content.warnings == [])
  }

  @Test func tagsAreNoDamage() throws {
    let mp3 = try encoded(.mp3, seconds: 5)
    let text = [UInt8](repeating: 0xFF, count: 3000)
    let front = Data("ID3".utf8) + Data([4, 0, 0, 0, 0, 23, 56] + text)
    let back = Data("TAG".utf8) + Data(repeating: 32, count: 125)
    let (seconds, warnings) = try seconds(front + mp3 + back + front + mp3 + back, "tags.mp3")
    #expect(seconds >= 10 && seconds < 10.3)
    #expect(warnings == [])
  }

  @Test func whatAFileIsIsToldByItsContent() throws {
    let cases: [(String, [UInt8], String)] = [
      ("page.mp3", Array("\n<!DOCTYPE html><html><body>404</body></html>".utf8), "is a web page"),
      ("._song.mp3", [0x00, 0x05, 0x16, 0x07, 0, 2, 0, 0], "AppleDouble"),
      ("song.mp3", Array("\0\0\0 ftypM4A ".utf8), "is an MP4 file"),
      ("song.aac", [0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC], "is an AAC file"),
      ("song.wma", [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66], "is a Windows Media file"),
      ("song.webm", [0x1A, 0x45, 0xDF, 0xA3], "is a Matroska or WebM file"),
      ("song.mid", Array("MThd".utf8), "is a MIDI file"),
      (
        "song.ogg", Array("OggS".utf8) + [UInt8](repeating: 0, count: 22) + [1, 30, 0x7F] + Array("FLAC".utf8),
        "is FLAC in Ogg"
      ),
    ]
    for (name, bytes, expected) in cases {
      let text = message(try directory.write(Data(bytes + [UInt8](repeating: 0, count: 100)), to: name))
      #expect(text.contains(name) && text.contains(expected), "\(text)")
    }
  }

  @Test func aFIFOIsNotWaitedFor() throws {
    let path = directory.file("fifo.wav")
    #expect(mkfifo(path, 0o600) == 0)
    #expect(message(path).contains("is not a regular file"))
  }

  @Test func whatIsNoSoundFileGetsAClearError() throws {
    let text = String(repeating: "la la la ", count: 500)
    let cases = [
      (directory.file("none.wav"), "No such file"),
      (directory.path, "is a directory"),
      (try directory.write("", to: "empty.wav"), "is empty"),
      (try directory.write(text, to: "text.wav"), "is not a sound file"),
      (try directory.write(text, to: "text.mp3"), "is not a sound file"),
      (try directory.write(text, to: "text.flac"), "is not a sound file"),
    ]
    for (path, expected) in cases {
      let text = message(path)
      #expect(text.contains(path) && text.contains(expected), "\(text)")
    }
  }

  @Test func aFileWithoutASampleGetsAClearError() throws {
    let path = directory.file("nothing.wav")
    try SoundFileWriter.write([], rate: 16_000, format: .wav16, to: path)
    #expect(message(path).contains("holds no audio"))
  }

  @Test func anImpossibleRateGetsAClearError() throws {
    let path = directory.file("slow.wav")
    try SoundFileWriter.write([0, 0.5], rate: 10, format: .wav16, to: path)
    #expect(message(path).contains("10 Hz"))
  }
}
