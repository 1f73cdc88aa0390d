internal import COpusFile
internal import Glibc
internal import Platform

/// Ogg Opus by libopusfile, read from front to back: all streams of a chain, one after another. Opus is always decoded at
/// 48 kHz (RFC 7845, section 5.1).
final class OpusDecoder: SoundFileDecoder {
  let format: AudioFormat
  let expectedFrameCount = 0

  private let stream: UnsafeMutablePointer<FILE>
  private let decoder: OpaquePointer
  private let pages: OggPages
  private var stereo: [Float] = []
  private var frameCount = 0
  private var firstHole: Int?

  /// - Throws: ``SoundFileProblem``.
  init(_ input: InputFile) throws(SoundFileProblem) {
    pages = OggPages(input)
    stream = try CStream.open(input)
    var callbacks = OpusFileCallbacks(
      read: { source, buffer, count in
        Int32(fread(buffer, 1, Int(count), source?.assumingMemoryBound(to: FILE.self)))
      },
      seek: nil, tell: nil, close: nil)
    var error: Int32 = 0
    guard let decoder = op_open_callbacks(stream, &callbacks, nil, 0, &error) else {
      fclose(stream)
      throw SoundFileProblem("has a damaged beginning: it is not Ogg Opus that can be read")
    }
    self.decoder = decoder
    // Streams of a chain may differ; what has more channels than two is mixed down by the library.
    format = AudioFormat(sampleRate: 48_000, channelCount: op_channel_count(decoder, -1) == 1 ? 1 : 2)
  }

  deinit {
    op_free(decoder)
    fclose(stream)
  }

  func read(into frames: inout [Float]) -> Int {
    let channels = format.channelCount
    let wanted = frames.count / channels
    if stereo.count != wanted * 2 { stereo = Array(repeating: 0, count: wanted * 2) }
    while true {
      let count = Int(op_read_float_stereo(decoder, &stereo, Int32(wanted * 2)))
      if count == Int(OP_HOLE) || count == Int(OP_EBADLINK) {
        firstHole = firstHole ?? frameCount
        continue
      }
      guard count > 0 else { return 0 }
      for index in 0..<count {
        if channels == 2 {
          (frames[2 * index], frames[2 * index + 1]) = (stereo[2 * index], stereo[2 * index + 1])
        } else {
          frames[index] = (stereo[2 * index] + stereo[2 * index + 1]) / 2
        }
      }
      frameCount += count
      return count
    }
  }

  var sections: [SoundFileSection] {
    guard let tags = op_tags(decoder, 0)?.pointee else { return [] }
    return SoundFileSection.chapters(tags.user_comments, tags.comment_lengths, count: tags.comments)
  }

  func remarks(framesRead: Int) -> [String] {
    pages.remarks(framesRead: framesRead, firstHole: firstHole, seconds: seconds)
  }
}
