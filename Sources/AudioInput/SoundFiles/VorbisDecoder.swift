internal import CVorbisFile
internal import Glibc
internal import Platform

/// Ogg Vorbis by libvorbisfile, read from front to back: all streams of a chain, one after another.
final class VorbisDecoder: SoundFileDecoder {
  private(set) var format = AudioFormat(sampleRate: 1, channelCount: 1)
  let expectedFrameCount = 0

  private let stream: UnsafeMutablePointer<FILE>
  private let decoder = UnsafeMutablePointer<OggVorbis_File>.allocate(capacity: 1)
  private let pages: OggPages
  private var section: Int32 = -1
  private var frameCount = 0
  private var firstHole: Int?
  private var change: String?

  /// - Throws: ``SoundFileProblem``.
  init(_ input: InputFile) throws(SoundFileProblem) {
    pages = OggPages(input)
    stream = try CStream.open(input)
    let callbacks = ov_callbacks(
      read_func: { buffer, size, count, source in
        fread(buffer, size, count, source?.assumingMemoryBound(to: FILE.self))
      },
      seek_func: nil, close_func: nil, tell_func: nil)
    guard ov_open_callbacks(stream, decoder, nil, 0, callbacks) == 0, let info = ov_info(decoder, -1) else {
      fclose(stream)
      decoder.deallocate()
      throw SoundFileProblem("has a damaged beginning: it is not Ogg Vorbis that can be read")
    }
    format = AudioFormat(sampleRate: Int(info.pointee.rate), channelCount: Int(info.pointee.channels))
  }

  deinit {
    ov_clear(decoder)
    decoder.deallocate()
    fclose(stream)
  }

  func read(into frames: inout [Float]) -> Int {
    while change == nil {
      var channels: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>?
      let before = section
      let count = ov_read_float(decoder, &channels, Int32(frames.count / format.channelCount), &section)
      if count == Int(OV_HOLE) || count == Int(OV_EBADLINK) {
        firstHole = firstHole ?? frameCount
        continue
      }
      guard count > 0, let channels else { return 0 }
      if section != before, let info = ov_info(decoder, -1) {
        let new = AudioFormat(sampleRate: Int(info.pointee.rate), channelCount: Int(info.pointee.channels))
        guard new == format else {
          change = "\(new.channelCount) channels at \(new.sampleRate) Hz"
          return 0
        }
      }
      for channel in 0..<format.channelCount {
        guard let samples = channels[channel] else { continue }
        for index in 0..<count { frames[index * format.channelCount + channel] = samples[index] }
      }
      frameCount += count
      return count
    }
    return 0
  }

  var sections: [SoundFileSection] {
    guard let comments = ov_comment(decoder, -1)?.pointee else { return [] }
    return SoundFileSection.chapters(comments.user_comments, comments.comment_lengths, count: comments.comments)
  }

  func remarks(framesRead: Int) -> [String] {
    if let change { return ["from \(seconds(framesRead)) on the file has \(change): what follows is not read"] }
    return pages.remarks(framesRead: framesRead, firstHole: firstHole, seconds: seconds)
  }
}

/// A stream of the C library over a file that stays open.
enum CStream {
  /// - Throws: ``SoundFileProblem``.
  static func open(_ input: InputFile) throws(SoundFileProblem) -> UnsafeMutablePointer<FILE> {
    let copy = fcntl(input.descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0, lseek(copy, 0, SEEK_SET) == 0, let stream = fdopen(copy, "r") else {
      throw SoundFileProblem(String(cString: strerror(errno)))
    }
    return stream
  }
}
