internal import CSndFile

/// Writes sound files by libsndfile.
public enum SoundFileWriter {
  public enum Format: Sendable {
    case wav16, wavFloat, flac, oggVorbis, oggOpus, mp3

    var code: Int32 {
      switch self {
      case .wav16: Int32(SF_FORMAT_WAV | SF_FORMAT_PCM_16)
      case .wavFloat: Int32(SF_FORMAT_WAV | SF_FORMAT_FLOAT)
      case .flac: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
      case .oggVorbis: Int32(SF_FORMAT_OGG | SF_FORMAT_VORBIS)
      case .oggOpus: Int32(SF_FORMAT_OGG | SF_FORMAT_OPUS)
      case .mp3: Int32(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
      }
    }
  }

  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// - Parameter samples: interleaved.
  public static func write(
    _ samples: [Float], channels: Int = 1, rate: Int, format: Format, to path: String
  ) throws {
    var info = SF_INFO()
    info.samplerate = Int32(rate)
    info.channels = Int32(channels)
    info.format = format.code
    guard let file = sf_open(path, Int32(SFM_WRITE), &info) else {
      throw Failure(description: "\(path): \(String(cString: sf_strerror(nil)))")
    }
    // The encoders do not like to be given minutes at once.
    let block = 4096 * channels
    for start in stride(from: 0, to: samples.count, by: block) {
      let part = Array(samples[start..<min(start + block, samples.count)])
      let frames = sf_count_t(part.count / channels)
      guard sf_writef_float(file, part, frames) == frames else {
        throw Failure(description: "\(path): \(String(cString: sf_strerror(file)))")
      }
    }
    sf_close(file)
  }
}
