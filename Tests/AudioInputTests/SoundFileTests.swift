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

  @Test func filesOpenedAtOnceLeaveStandardErrorAsItWas() async throws {
    let path = try directory.write(String(repeating: "no mp3 ", count: 500), to: "text.mp3")
    func identity() -> (UInt64, UInt64) {
      var status = stat()
      fstat(STDERR_FILENO, &status)
      return (UInt64(status.st_dev), UInt64(status.st_ino))
    }
    let before = identity()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { for _ in 0..<200 { _ = try? SoundFileSource(path: path) } }
      }
    }
    #expect(identity() == before)
  }
}
