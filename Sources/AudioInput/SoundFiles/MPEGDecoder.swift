internal import CMPG123
internal import Platform

/// mp3 and its elder layers, by libmpg123. It is fed byte after byte, so that no length that the file claims ends it, and
/// it finds its way again behind damage.
final class MPEGDecoder: SoundFileDecoder {
  let format: AudioFormat
  var expectedFrameCount: Int { frames.sampleCount }

  private let input: InputFile
  private let frames: MPEGFrames
  private let handle: OpaquePointer
  private var position: Int
  private let end: Int
  private var block = [UInt8](repeating: 0, count: blockSize)
  private var rateChange: Int?
  private var hasEnded = false

  private static let blockSize = 16_384

  /// Decodes the bytes from `start` to `end`.
  ///
  /// - Throws: ``SoundFileProblem``.
  init(_ input: InputFile, start: Int, end: Int) throws(SoundFileProblem) {
    self.input = input
    self.end = end
    position = start
    frames = MPEGFrames(input, start: start, end: end)
    guard frames.sampleCount > 0 else { throw SoundFileProblem("the file holds no audio") }
    format = AudioFormat(sampleRate: frames.sampleRate, channelCount: frames.channelCount)
    mpg123_init()
    guard let handle = mpg123_new(nil, nil) else { throw SoundFileProblem("there is no memory for its decoder") }
    self.handle = handle
    let channels = frames.channelCount == 1 ? MPG123_MONO_MIX : MPG123_FORCE_STEREO
    let flags = MPG123_QUIET.rawValue | MPG123_FORCE_FLOAT.rawValue | MPG123_GAPLESS.rawValue | channels.rawValue
    mpg123_param2(handle, Int32(MPG123_ADD_FLAGS.rawValue), Int(flags), 0)
    mpg123_param2(handle, Int32(MPG123_REMOVE_FLAGS.rawValue), Int(MPG123_AUTO_RESAMPLE.rawValue), 0)
    mpg123_param2(handle, Int32(MPG123_RESYNC_LIMIT.rawValue), -1, 0)
    mpg123_open_feed(handle)
  }

  deinit { mpg123_delete(handle) }

  func read(into samples: inout [Float]) -> Int {
    let channels = format.channelCount
    let wanted = samples.count / channels * channels * MemoryLayout<Float>.size
    while !hasEnded {
      var done = 0
      let result = samples.withUnsafeMutableBytes { mpg123_read(handle, $0.baseAddress, wanted, &done) }
      if result == MPG123_NEW_FORMAT.rawValue { noteFormat() }
      if done > 0 { return done / (channels * MemoryLayout<Float>.size) }
      switch result {
      case MPG123_NEED_MORE.rawValue: feed()
      case MPG123_DONE.rawValue: hasEnded = true
      // After an error it goes on with what follows.
      default: if result != MPG123_OK.rawValue && result != MPG123_NEW_FORMAT.rawValue { feed() }
      }
    }
    return 0
  }

  private func feed() {
    let count = min(input.read(at: position, into: &block), end - position)
    guard count > 0 else {
      hasEnded = true
      return
    }
    position += count
    mpg123_feed(handle, block, count)
  }

  private func noteFormat() {
    var (rate, channels, encoding) = (0, Int32(0), Int32(0))
    mpg123_getformat(handle, &rate, &channels, &encoding)
    if rate != format.sampleRate || Int(channels) != format.channelCount {
      rateChange = rate
      hasEnded = true
    }
  }

  func remarks(framesRead: Int) -> [String] {
    if let rateChange {
      return [
        "the rate changes from \(format.sampleRate) to \(rateChange) Hz at \(seconds(framesRead)): what follows is not read"
      ]
    }
    // A few bytes between two frames are nobody's music.
    let holes = frames.holes.filter { $0.bytes > 400 }
    let lost = frames.promisedCount.map { $0 - frames.sampleCount } ?? 0
    if lost > 2 * 1152 {
      let place = holes.first.map { "the file is damaged at \(seconds($0.sample))" } ?? "the file is cut short"
      return ["\(place): \(seconds(lost)) of its \(seconds(frames.promisedCount ?? 0)) are missing"]
    }
    if let first = holes.first, frames.promisedCount == nil {
      let bytes = holes.reduce(0) { $0 + $1.bytes }
      let missing =
        frames.byteCount > 0 ? Int(Double(bytes) / Double(frames.byteCount) * Double(frames.sampleCount)) : 0
      return ["the file is damaged at \(seconds(first.sample)): about \(seconds(missing)) are missing"]
    }
    if frames.endsWithinFrame {
      return ["the file is cut short at \(seconds(framesRead)): it ends in the middle of a frame"]
    }
    return []
  }
}
