internal import CSndFile
internal import Glibc
internal import Platform

/// libsndfile's formats: wav, flac, aiff and more.
final class SndFileDecoder: SoundFileDecoder {
  let format: AudioFormat
  let expectedFrameCount: Int

  private let file: OpaquePointer
  private let bytes: CorrectedBytes
  private let missingBytes: Int
  /// Bytes of audio in a second, if that is known.
  private let byteRate: Int

  /// - Throws: ``SoundFileProblem``.
  init(_ input: InputFile) throws(SoundFileProblem) {
    let wave = WaveFile(input)
    missingBytes = wave?.missingByteCount ?? 0
    bytes = CorrectedBytes(input, correction: wave?.lengthCorrection(input))
    var info = SF_INFO()
    var callbacks = CorrectedBytes.callbacks
    guard let file = sf_open_virtual(&callbacks, Int32(SFM_READ), &info, Unmanaged.passUnretained(bytes).toOpaque())
    else {
      throw SoundFileProblem(
        "is not a sound file that can be read (wav, flac, ogg, opus, mp3); libsndfile says: "
          + String(cString: sf_strerror(nil)))
    }
    self.file = file
    format = AudioFormat(sampleRate: Int(info.samplerate), channelCount: Int(info.channels))
    expectedFrameCount = info.frames == Int.max ? 0 : Int(info.frames)
    let width: Int =
      switch info.format & Int32(SF_FORMAT_SUBMASK) {
      case Int32(SF_FORMAT_PCM_16): 2
      case Int32(SF_FORMAT_PCM_24): 3
      case Int32(SF_FORMAT_PCM_32), Int32(SF_FORMAT_FLOAT): 4
      case Int32(SF_FORMAT_DOUBLE): 8
      default: 1
      }
    byteRate = width * format.channelCount * format.sampleRate
  }

  deinit { sf_close(file) }

  func read(into frames: inout [Float]) -> Int {
    max(0, Int(sf_readf_float(file, &frames, sf_count_t(frames.count / format.channelCount))))
  }

  /// The cue marks of wav and aiff.
  var sections: [SoundFileSection] {
    var cues = SF_CUES()
    guard sf_command(file, Int32(SFC_GET_CUE), &cues, Int32(MemoryLayout<SF_CUES>.size)) != 0 else { return [] }
    let count = Int(cues.cue_count)
    let found = withUnsafeBytes(of: cues.cue_points) { bytes in
      bytes.bindMemory(to: SF_CUE_POINT.self).prefix(count).enumerated().map { index, point in
        let name = withUnsafeBytes(of: point.name) { SoundFileSection.label($0, number: index + 1) }
        return SoundFileSection(time: Double(point.sample_offset) / Double(format.sampleRate), label: name)
      }
    }
    return found.sorted { $0.time < $1.time }
  }

  func remarks(framesRead: Int) -> [String] {
    if sf_error(file) != 0 {
      return ["reading stopped at \(seconds(framesRead)): \(String(cString: sf_strerror(file)))"]
    }
    if missingBytes > 0 {
      let missing = seconds(missingBytes * format.sampleRate / max(1, byteRate))
      return ["the file is cut short at \(seconds(framesRead)): about \(missing) of its audio are missing"]
    }
    if framesRead < expectedFrameCount {
      return [
        "the file is cut short at \(seconds(framesRead)): \(seconds(expectedFrameCount - framesRead)) of its audio are "
          + "missing"
      ]
    }
    return []
  }
}

/// A file's bytes for libsndfile, with some of them put right.
private final class CorrectedBytes {
  private let input: InputFile
  private let correction: (offset: Int, bytes: [UInt8])?
  private var position = 0

  init(_ input: InputFile, correction: (offset: Int, bytes: [UInt8])?) {
    self.input = input
    self.correction = correction
  }

  private func read(_ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    let read = pread(input.descriptor, buffer, count, position)
    guard read > 0 else { return 0 }
    if let correction {
      for (index, byte) in correction.bytes.enumerated() {
        let place = correction.offset + index - position
        if (0..<read).contains(place) { buffer.storeBytes(of: byte, toByteOffset: place, as: UInt8.self) }
      }
    }
    position += read
    return read
  }

  private func seek(_ offset: Int, _ whence: Int32) -> Int {
    switch whence {
    case SEEK_SET: position = offset
    case SEEK_CUR: position += offset
    default: position = input.size + offset
    }
    return position
  }

  private static func of(_ pointer: UnsafeMutableRawPointer?) -> CorrectedBytes {
    Unmanaged<CorrectedBytes>.fromOpaque(pointer!).takeUnretainedValue()  // what sf_open_virtual was given
  }

  static var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(CorrectedBytes.of($0).input.size) },
      seek: { sf_count_t(CorrectedBytes.of($2).seek(Int($0), $1)) },
      read: { buffer, count, source in
        guard let buffer else { return 0 }
        return sf_count_t(CorrectedBytes.of(source).read(buffer, Int(count)))
      },
      write: { _, _, _ in 0 },
      tell: { sf_count_t(CorrectedBytes.of($0).position) })
  }
}
