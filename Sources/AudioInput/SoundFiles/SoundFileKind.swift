internal import Platform

/// What a file is, by its first bytes. Its name says nothing: an `.mp3` may be anything.
enum SoundFileKind: Equatable {
  /// Raw frames of MPEG audio, from `start` on.
  case mpeg(start: Int)
  /// RIFF/WAVE whose data are MPEG audio (format 0x55), from `start` to `end`.
  case mpegInWave(start: Int, end: Int)
  case oggVorbis
  case oggOpus
  /// Wave, FLAC, AIFF and all that libsndfile may know.
  case other
  /// Something that is known, and cannot be read.
  case unreadable(String)

  init(_ file: InputFile) {
    let bytes = file.bytes(at: 0, count: 4096)
    func begins(_ text: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: text.utf8) }
    func begins(_ expected: [UInt8]) -> Bool { bytes.starts(with: expected) }
    let isWave = (begins("RIFF") || begins("RIFX") || begins("RF64")) && begins("WAVE", at: 8)
    if isWave {
      self = WaveFile(file)?.mpegRange.map { .mpegInWave(start: $0.lowerBound, end: $0.upperBound) } ?? .other
    } else if begins("OggS") {
      self = Self.ogg(bytes)
    } else if begins("ftyp", at: 4) {
      self = .unreadable("is an MP4 file (m4a, AAC or ALAC): \(Self.conversion)")
    } else if begins("fLaC") || begins("FORM") || begins("caff") || begins(".snd") {
      self = .other
    } else if begins([0x00, 0x05, 0x16, 0x07]) || begins([0x00, 0x05, 0x16, 0x00]) {
      self = .unreadable("holds what macOS keeps beside a file (AppleDouble, as in ._NAME), and no audio")
    } else if begins([0x30, 0x26, 0xB2, 0x75]) {
      self = .unreadable("is a Windows Media file: \(Self.conversion)")
    } else if begins([0x1A, 0x45, 0xDF, 0xA3]) {
      self = .unreadable("is a Matroska or WebM file: \(Self.conversion)")
    } else if begins("wvpk") || begins("MAC ") || begins("TTA1") || begins("MPCK") || begins("MP+") || begins("DSD ") {
      self = .unreadable("is audio of a kind that cannot be read: \(Self.conversion)")
    } else if begins("MThd") {
      self = .unreadable("is a MIDI file: it has notes and no sound")
    } else if Self.isMarkup(bytes) {
      self = .unreadable("is a web page or another kind of markup, and no sound: its download went wrong, perhaps")
    } else if let start = MPEGFrames.start(in: file) {
      self = .mpeg(start: start)
    } else if begins([0xFF, 0xF1]) || begins([0xFF, 0xF9]) {
      self = .unreadable("is an AAC file: \(Self.conversion)")
    } else {
      self = .other
    }
  }

  /// How to hear it all the same.
  private static let conversion =
    "that cannot be read; ffmpeg can: ffmpeg -i FILE -f wav - | affectctl analyze -"

  /// The first packet of the first page says what an Ogg file holds (RFC 3533, section 6; RFC 7845; Vorbis I, section 4).
  private static func ogg(_ bytes: [UInt8]) -> SoundFileKind {
    guard bytes.count > 27 else { return .other }
    let packet = bytes.dropFirst(27 + Int(bytes[26]))
    if packet.starts(with: [0x01] + "vorbis".utf8) { return .oggVorbis }
    if packet.starts(with: "OpusHead".utf8) { return .oggOpus }
    if packet.starts(with: [0x7F] + "FLAC".utf8) {
      return .unreadable("is FLAC in Ogg: \(conversion)")
    }
    return .unreadable("is an Ogg file with something else than Vorbis and Opus in it: \(conversion)")
  }

  private static func isMarkup(_ bytes: [UInt8]) -> Bool {
    let withoutMark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    let text = withoutMark.drop { $0 <= 0x20 }.prefix(16)
    let lower = String(decoding: text, as: UTF8.self).lowercased()
    return ["<!doctype", "<html", "<?xml", "<head", "<body", "<!--"].contains { lower.hasPrefix($0) }
  }
}
