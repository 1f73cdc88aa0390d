internal import CSndFile
internal import Glibc

/// A sound file, by libsndfile: wav, flac, ogg, opus, mp3 and its other formats.
public final class SoundFileSource: AudioSource {
  public let format: AudioFormat
  /// Frames that the file says it has; 0 if it does not say.
  public let declaredFrameCount: Int
  public private(set) var warnings: [String] = []

  private let path: String
  private let file: OpaquePointer
  private let isMP3: Bool
  private var framesRead = 0
  private var hasEnded = false

  /// - Throws: ``AudioInputError`` if there is no such file, or no audio in it.
  public init(path: String) throws(AudioInputError) {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw AudioInputError(.cannotOpen, "\(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw AudioInputError(.cannotOpen, "\(path): is a directory, expected a sound file")
    }
    guard access(path, R_OK) == 0 else {
      throw AudioInputError(.cannotOpen, "\(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_size > 0 || status.st_mode & S_IFMT != S_IFREG else {
      throw AudioInputError(.cannotOpen, "\(path): the file is empty")
    }
    var info = SF_INFO()
    guard let file = StandardError.muted({ sf_open(path, Int32(SFM_READ), &info) }) else {
      let reason = String(cString: sf_strerror(nil))
      throw AudioInputError(
        .cannotOpen,
        "\(path): is not a sound file that can be read (wav, flac, ogg, opus, mp3); libsndfile says: \(reason)")
    }
    let format = AudioFormat(sampleRate: Int(info.samplerate), channelCount: Int(info.channels))
    guard AudioFormat.sampleRates.contains(format.sampleRate), AudioFormat.channelCounts.contains(format.channelCount)
    else {
      sf_close(file)
      throw AudioInputError(
        .cannotOpen,
        "\(path): has \(format.channelCount) channels at \(format.sampleRate) Hz; expected at most "
          + "\(AudioFormat.channelCounts.upperBound) channels and a rate from \(AudioFormat.sampleRates.lowerBound) "
          + "to \(AudioFormat.sampleRates.upperBound) Hz")
    }
    guard info.frames != 0 else {
      sf_close(file)
      throw AudioInputError(.cannotOpen, "\(path): the file holds no audio")
    }
    self.file = file
    self.format = format
    declaredFrameCount = info.frames == Int.max ? 0 : Int(info.frames)
    isMP3 =
      info.format & Int32(SF_FORMAT_SUBMASK) >= Int32(SF_FORMAT_MPEG_LAYER_I)
      && info.format & Int32(SF_FORMAT_TYPEMASK) == Int32(SF_FORMAT_MPEG)
    if info.format & Int32(SF_FORMAT_TYPEMASK) == Int32(SF_FORMAT_WAV),
      let missing = WaveLength.missingBytes(path: path)
    {
      warnings.append("\(path): the file is cut short: \(missing) bytes of its audio are missing")
    }
  }

  deinit { sf_close(file) }

  public func read(into frames: inout [Float]) throws(AudioInputError) -> AudioReadResult {
    guard !hasEnded else { return .end }
    let wanted = sf_count_t(frames.count / format.channelCount)
    let count = sf_readf_float(file, &frames, wanted)
    if count > 0 {
      framesRead += Int(count)
      return .frames(Int(count))
    }
    hasEnded = true
    if sf_error(file) != 0 {
      warnings.append("\(path): reading stopped at \(position): \(String(cString: sf_strerror(file)))")
    } else if warnings.isEmpty && !isMP3 && framesRead < declaredFrameCount {
      // An mp3's length is an estimate and proves nothing.
      warnings.append("\(path): the file is cut short: its audio ends at \(position)")
    }
    if framesRead == 0 {
      throw AudioInputError(.cannotOpen, "\(path): the file holds no audio")
    }
    return .end
  }

  private var position: String {
    let milliseconds = framesRead * 1000 / format.sampleRate
    let fraction = String(1000 + milliseconds % 1000).dropFirst()
    return "\(milliseconds / 1000).\(fraction) s"
  }
}
