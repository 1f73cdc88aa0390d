internal import Platform

/// The frames of MPEG audio, found by their headers alone (ISO/IEC 11172-3, section 2.4.1; ISO/IEC 13818-3): how much
/// there is, and where something else lies between them.
struct MPEGFrames {
  /// Of the first frame.
  private(set) var sampleRate = 0
  private(set) var channelCount = 0
  /// Samples per channel of all frames.
  private(set) var sampleCount = 0
  /// Samples that the files' own counts promise (Xing, Info); nil if one of them has none.
  private(set) var promisedCount: Int?
  /// Stretches that are no frames: where, in samples, and how many bytes.
  private(set) var holes: [(sample: Int, bytes: Int)] = []
  /// Whether the last frame is cut off.
  private(set) var endsWithinFrame = false
  /// Bytes of all frames.
  private(set) var byteCount = 0

  /// What the four bytes of a header say.
  private struct Header {
    let version: Int
    let layer: Int
    let sampleRate: Int
    let channelCount: Int
    let sampleCount: Int
    let length: Int

    init?(_ bytes: ArraySlice<UInt8>) {
      guard bytes.count >= 4 else { return nil }
      let first = bytes.startIndex
      guard bytes[first] == 0xFF, bytes[first + 1] & 0xE0 == 0xE0 else { return nil }
      // 3 is MPEG-1, 2 is MPEG-2, 0 is the unofficial MPEG-2.5; layers count down.
      version = Int(bytes[first + 1] >> 3 & 3)
      layer = 4 - Int(bytes[first + 1] >> 1 & 3)
      let rateIndex = Int(bytes[first + 2] >> 4)
      let frequencyIndex = Int(bytes[first + 2] >> 2 & 3)
      let padding = Int(bytes[first + 2] >> 1 & 1)
      guard version != 1, layer != 4, (1...14).contains(rateIndex), frequencyIndex != 3 else { return nil }
      let table = version == 3 ? Self.rates1[layer - 1] : Self.rates2[layer == 1 ? 0 : 1]
      let bitRate = table[rateIndex - 1] * 1000
      sampleRate = [44_100, 48_000, 32_000][frequencyIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
      channelCount = bytes[first + 3] >> 6 == 3 ? 1 : 2
      sampleCount = layer == 1 ? 384 : layer == 3 && version != 3 ? 576 : 1152
      length =
        layer == 1
        ? (12 * bitRate / sampleRate + padding) * 4
        : sampleCount / 8 * bitRate / sampleRate + padding
    }

    /// Whether both can belong to one stream.
    func fits(_ other: Header) -> Bool {
      version == other.version && layer == other.layer && sampleRate == other.sampleRate
    }

    /// kbit/s of MPEG-1's layers, and of MPEG-2's layer I and others.
    private static let rates1 = [
      [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
      [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
      [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    ]
    private static let rates2 = [
      [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
      [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]
  }

  /// Where frames begin: behind tags, and with two headers in a row. Nil if there are none near the beginning.
  static func start(in file: InputFile) -> Int? {
    var reader = Reader(file, end: file.size)
    var position = 0
    while let length = reader.tagLength(at: position) { position += length }
    // Padding or junk behind a tag is short.
    return reader.nextFrame(from: position, before: min(file.size, position + 65_536))
  }

  /// Walks over the frames of `file` from `start` to `end`.
  init(_ file: InputFile, start: Int, end: Int) {
    var reader = Reader(file, end: end)
    var position = start
    var first: Header?
    var last: Header?
    var hasUncounted = false
    while position < end {
      guard let header = Header(reader.bytes(at: position, count: 4)), first.map(header.fits) ?? true else {
        if let length = reader.tagLength(at: position) {
          position += length
          continue
        }
        // Something else, or a file of another kind behind this one.
        let next = reader.nextFrame(from: position + 1, before: end)
        let skipped = (next ?? end) - position
        // Zeros and other padding at the end are nothing that is missing.
        if next != nil { holes.append((sampleCount, skipped)) }
        position = next ?? end
        if let next, let header = Header(reader.bytes(at: next, count: 4)), first.map(header.fits) == false {
          first = header
        }
        continue
      }
      if first == nil { (first, sampleRate, channelCount) = (header, header.sampleRate, header.channelCount) }
      guard position + header.length <= end else {
        endsWithinFrame = true
        break
      }
      if let count = reader.count(at: position, header) {
        // It is no music itself.
        promisedCount = (promisedCount ?? 0) + count
      } else {
        if last == nil && promisedCount == nil { hasUncounted = true }
        sampleCount += header.sampleCount
        byteCount += header.length
      }
      last = header
      position += header.length
    }
    if hasUncounted { promisedCount = nil }
  }

  /// Reads here and there in a file, which is not all taken into memory.
  private struct Reader {
    let file: InputFile
    let end: Int
    private var start = 0
    private var buffer: [UInt8] = []

    init(_ file: InputFile, end: Int) {
      self.file = file
      self.end = end
    }

    mutating func bytes(at position: Int, count: Int) -> ArraySlice<UInt8> {
      if position < start || position + count > start + buffer.count {
        start = position
        buffer = file.bytes(at: position, count: max(count, 1 << 16))
      }
      let first = min(position - start, buffer.count)
      return buffer[first..<min(first + min(count, max(0, end - position)), buffer.count)]
    }

    /// The next header from `position` on that is followed by another one, or by the end.
    mutating func nextFrame(from position: Int, before limit: Int) -> Int? {
      var position = position
      while position + 4 <= limit {
        let chunk = bytes(at: position, count: 4096)
        guard let offset = chunk.firstIndex(of: 0xFF) else {
          position += max(1, chunk.count)
          continue
        }
        position += offset - chunk.startIndex
        if let header = Header(bytes(at: position, count: 4)) {
          let next = position + header.length
          if next >= end && position > 0 { return next == end ? position : nil }
          if let follower = Header(bytes(at: next, count: 4)), header.fits(follower) { return position }
        }
        position += 1
      }
      return nil
    }

    /// The length of the tag at `position`: ID3v2 (id3.org, "ID3 tag version 2.4.0", section 3.1), ID3v1, or APEv2. Nil
    /// if there is none.
    mutating func tagLength(at position: Int) -> Int? {
      let bytes = Array(bytes(at: position, count: 32))
      if bytes.starts(with: "ID3".utf8), bytes.count >= 10 {
        let size = bytes[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        return 10 + size + (bytes[5] & 0x10 != 0 ? 10 : 0)
      }
      if bytes.starts(with: "APETAGEX".utf8), bytes.count == 32 {
        // The footer's size counts items and footer; the header comes first.
        let size = bytes[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
        let isHeader = bytes[23] & 0x20 != 0
        return isHeader ? 32 + size : 32
      }
      return bytes.starts(with: "TAG".utf8) ? 128 : nil
    }

    /// The samples that a frame promises which is no music but a table of contents (Xing and LAME; "Info" for constant
    /// rates). Nil if it is an ordinary frame.
    mutating func count(at position: Int, _ header: Header) -> Int? {
      guard header.layer == 3 else { return nil }
      let sideLength = header.version == 3 ? (header.channelCount == 1 ? 17 : 32) : (header.channelCount == 1 ? 9 : 17)
      let tag = Array(bytes(at: position + 4 + sideLength, count: 12))
      guard tag.count == 12, tag.starts(with: "Xing".utf8) || tag.starts(with: "Info".utf8) else { return nil }
      guard tag[7] & 1 != 0 else { return 0 }
      return tag[8..<12].reduce(0) { $0 << 8 | Int($1) } * header.sampleCount
    }
  }
}
