internal import Platform

/// The pages of an Ogg file (RFC 3533, section 6), for what its decoders do not tell.
struct OggPages {
  /// Whether the last page of every stream is there.
  private(set) var isComplete = true
  /// Pages that are missing by their numbers, and bytes that belong to no page.
  private(set) var missingPageCount = 0
  private(set) var strayByteCount = 0
  /// Frames that all streams have by their last granule positions: at the rate of Vorbis, or at 48 kHz for Opus.
  private(set) var promisedCount = 0

  init(_ file: InputFile) {
    var position = 0
    // By the serial number of the stream: the number of its next page.
    var open: [[UInt8]: UInt32] = [:]
    var lastPositions: [[UInt8]: Int] = [:]
    while position < file.size {
      let header = file.bytes(at: position, count: 27)
      guard header.count == 27, header.starts(with: "OggS".utf8) else {
        let next = Self.nextPage(file, from: position + 1)
        strayByteCount += next - position
        if next == file.size && header.starts(with: "OggS".utf8) { isComplete = false }
        position = next
        continue
      }
      let lengths = file.bytes(at: position + 27, count: Int(header[26]))
      let end = position + 27 + Int(header[26]) + lengths.reduce(0) { $0 + Int($1) }
      let serial = Array(header[14..<18])
      let number = header[18..<22].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      if let expected = open[serial], number != expected { missingPageCount += 1 }
      let isLast = header[5] & 4 != 0
      open[serial] = isLast ? nil : number &+ 1
      // -1 is a page on which no packet ends.
      let granule = header[6..<14].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if let frames = Int(exactly: granule) { lastPositions[serial] = frames }
      // The next stream of a chain may have the same number.
      if isLast { promisedCount += lastPositions.removeValue(forKey: serial) ?? 0 }
      guard end <= file.size else { break }
      position = end
    }
    if !open.isEmpty { isComplete = false }
    promisedCount += lastPositions.values.reduce(0, +)
  }

  private static func nextPage(_ file: InputFile, from start: Int) -> Int {
    var position = start
    while position < file.size {
      let bytes = file.bytes(at: position, count: 1 << 16)
      for index in bytes.indices where bytes[index] == UInt8(ascii: "O") {
        if bytes[index...].starts(with: "OggS".utf8) { return position + index }
      }
      // The name may lie over the border.
      position += max(1, bytes.count - 3)
      if bytes.count < 4 { break }
    }
    return file.size
  }

  /// What is missing, for a decoder that has come to its end.
  ///
  /// - Parameters:
  ///   - framesRead: that it has decoded.
  ///   - firstHole: where it found the first hole. Between two streams of a chain there is one, too.
  ///   - seconds: writes frames as seconds.
  func remarks(framesRead: Int, firstHole: Int?, seconds: (Int) -> String) -> [String] {
    var remarks: [String] = []
    if missingPageCount > 0 || strayByteCount > 0 {
      let place = firstHole.map { " at \(seconds($0))" } ?? ""
      remarks.append(
        "the file is damaged\(place): about \(seconds(max(0, promisedCount - framesRead))) of its audio are missing")
    }
    if !isComplete {
      remarks.append("the file is cut short at \(seconds(framesRead)): the last page of its stream is missing")
    }
    return remarks
  }
}
