internal import Glibc

/// A part of a sound file that has a name: a chapter, or what follows a cue mark.
public struct SoundFileSection: Sendable, Equatable {
  /// Where it begins, seconds.
  public let time: Double
  public let label: String

  public init(time: Double, label: String) { (self.time, self.label) = (time, label) }

  /// As many as are taken from a file.
  static let limit = 1000
  /// Bytes of a label; what is longer is cut.
  private static let labelLimit = 100

  /// A label as it can be shown, `number` in the place of an empty one.
  static func label(_ bytes: some Sequence<UInt8>, number: Int) -> String {
    let text = String(decoding: bytes.prefix { $0 != 0 }.prefix(labelLimit), as: UTF8.self)
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.isEmpty ? "\(number)" : words
  }

  /// The chapters among the comments of an Ogg file: `CHAPTER001=00:01:02.500` with `CHAPTER001NAME=Chorus` (the Vorbis
  /// comment field for chapters, xiph.org's wiki, "Chapter Extension").
  package static func chapters(in comments: [String]) -> [SoundFileSection] {
    var times: [String: Double] = [:]
    var names: [String: String] = [:]
    for comment in comments.prefix(10 * limit) {
      guard let match = comment.firstMatch(of: /^(?i:CHAPTER)(\d{1,3})((?i:NAME)?)=(.*)$/) else { continue }
      let number = String(match.1)
      if match.2.isEmpty { times[number] = seconds(match.3) } else { names[number] = String(match.3) }
    }
    let sorted = times.sorted { $0.value < $1.value }.prefix(limit)
    return sorted.enumerated().map { index, chapter in
      SoundFileSection(
        time: chapter.value, label: label((names[chapter.key] ?? "").utf8, number: index + 1))
    }
  }

  /// Of `HH:MM:SS.mmm`.
  private static func seconds(_ text: Substring) -> Double? {
    guard let match = text.wholeMatch(of: /(\d{1,4}):(\d{2}):(\d{2}(?:\.\d{1,9})?)/), let hours = Double(match.1),
      let minutes = Double(match.2), let seconds = Double(match.3)
    else { return nil }
    return 3600 * hours + 60 * minutes + seconds
  }
}

extension SoundFileSection {
  /// The same, from comments as the libraries for Ogg give them.
  static func chapters(
    _ comments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ lengths: UnsafeMutablePointer<Int32>?,
    count: Int32
  ) -> [SoundFileSection] {
    guard let comments, let lengths else { return [] }
    return chapters(
      in: (0..<Int(max(0, count))).compactMap { index in
        guard let text = comments[index], lengths[index] >= 0 else { return nil }
        return text.withMemoryRebound(to: UInt8.self, capacity: Int(lengths[index])) {
          String(decoding: UnsafeBufferPointer(start: $0, count: Int(lengths[index])), as: UTF8.self)
        }
      })
  }
}
