import AudioInput
import Foundation
import TestSupport
import Testing

/// Chapters and cue marks of sound files.
@Suite struct SoundFileSectionTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func bytes(_ number: Int, count: Int = 4) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  private func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    Array(name.utf8) + bytes(content.count) + content + (content.count % 2 == 1 ? [0] : [])
  }

  /// A wav file with cue marks at these samples, and labels for some of them (RIFF, Multimedia Programming Interface 1.0).
  private func wave(_ cues: [(sample: Int, label: String?)]) throws -> String {
    var format = bytes(1, count: 2)
    for (number, count) in [(1, 2), (8000, 4), (16_000, 4), (2, 2), (16, 2)] { format += bytes(number, count: count) }
    var points: [UInt8] = []
    var labels = Array("adtl".utf8)
    for (index, cue) in cues.enumerated() {
      points += bytes(index + 1) + bytes(cue.sample) + Array("data".utf8)
      points += [UInt8](repeating: 0, count: 8) + bytes(cue.sample)
      guard let label = cue.label else { continue }
      labels += chunk("labl", bytes(index + 1) + Array(label.utf8) + [0])
    }
    var content = Array("WAVE".utf8) + chunk("fmt ", format)
    content += chunk("cue ", bytes(cues.count) + points) + chunk("LIST", labels)
    content += chunk("data", [UInt8](repeating: 0, count: 32_000))
    return try directory.write(Data(Array("RIFF".utf8) + bytes(content.count) + content), to: "cues.wav")
  }

  @Test func cueMarksOfAWaveFile() throws {
    let path = try wave([(12_000, "drop"), (4000, nil), (14_000, " a  b\u{7}")])
    let sections = try SoundFileSource(path: path).sections
    #expect(sections.map(\.time) == [0.5, 1.5, 1.75])
    #expect(sections[1].label == "drop" && sections[2].label.hasPrefix("a b"))
    #expect(!sections[0].label.isEmpty)
  }

  @Test(arguments: [SoundFileWriter.Format.wav16, .flac, .oggVorbis, .oggOpus, .mp3])
  func aFileWithoutMarksHasNone(_ format: SoundFileWriter.Format) throws {
    let path = directory.file("plain")
    try SoundFileWriter.write([Float](repeating: 0.1, count: 48_000), rate: 48_000, format: format, to: path)
    #expect(try SoundFileSource(path: path).sections.isEmpty)
  }

  @Test func chaptersAmongTheCommentsOfAnOggFile() {
    let sections = SoundFileSection.chapters(in: [
      "TITLE=x", "CHAPTER002=00:01:02.500", "CHAPTER002NAME=Chorus", "chapter001=00:00:00.000", "CHAPTER001NAME=",
      "CHAPTER003=1:2", "CHAPTER004=01:00:00", "CHAPTER004NAME=\u{0}", "CHAPTER=00:00:01", "CHAPTER005NAME=lost",
    ])
    #expect(
      sections == [
        SoundFileSection(time: 0, label: "1"), SoundFileSection(time: 62.5, label: "Chorus"),
        SoundFileSection(time: 3600, label: "3"),
      ])
  }

  @Test func whatIsTooMuchIsCut() {
    let many = (0..<20_000).map { "CHAPTER\($0 % 1000)=00:00:\(10 + $0 % 50)" }
    #expect(SoundFileSection.chapters(in: many).count <= 1000)
    let long = SoundFileSection.chapters(in: [
      "CHAPTER1=00:00:00", "CHAPTER1NAME=" + String(repeating: "x", count: 5000),
    ])
    #expect(long[0].label.utf8.count == 100)
  }
}
