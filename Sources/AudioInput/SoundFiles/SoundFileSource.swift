public import Platform

/// A sound file: wav, flac and other formats of libsndfile, mp3, Ogg Vorbis and Opus. It is read to its real end, whatever
/// length it claims to have, and what is missing becomes a warning.
public final class SoundFileSource: AudioSource {
  public var format: AudioFormat { decoder.format }
  /// Frames that are expected; 0 if that is not known.
  public var expectedFrameCount: Int { decoder.expectedFrameCount }
  /// Chapters or cue marks, in the order of their times.
  public var sections: [SoundFileSection] { decoder.sections }
  public private(set) var warnings: [String] = []

  private let path: String
  private let decoder: any SoundFileDecoder
  private var framesRead = 0
  private var hasEnded = false

  /// - Parameter path: a name as ``FileName`` has it, or `-` for all that standard input gives.
  /// - Throws: ``Failure`` if there is no such file, or no audio in it.
  public init(path: String) throws(Failure) {
    let name = path == "-" ? "standard input" : path
    self.path = name
    func failure(_ reason: String) -> Failure { Failure(.noInput, "\(name): \(reason)") }
    let input: InputFile
    do throws(FileError) {
      input = try path == "-" ? InputFile(copyingStandardInput: ()) : InputFile(path)
    } catch {
      switch error.description {
      case "is a directory": throw failure("is a directory, expected a sound file")
      case "is not a regular file":
        throw failure("is not a regular file, and is not waited for: affectctl analyze - reads standard input")
      default: throw failure(error.description)
      }
    }
    guard input.size > 0 else { throw failure("the file is empty") }
    do throws(SoundFileProblem) {
      decoder = try Self.decoder(input)
    } catch {
      throw failure(error.description)
    }
    guard AudioFormat.sampleRates.contains(format.sampleRate), AudioFormat.channelCounts.contains(format.channelCount)
    else {
      throw failure(
        "has \(format.channelCount) channels at \(format.sampleRate) Hz; expected at most "
          + "\(AudioFormat.channelCounts.upperBound) channels and a rate from \(AudioFormat.sampleRates.lowerBound) "
          + "to \(AudioFormat.sampleRates.upperBound) Hz")
    }
  }

  private static func decoder(_ input: InputFile) throws(SoundFileProblem) -> any SoundFileDecoder {
    switch SoundFileKind(input) {
    case .mpeg(let start): try MPEGDecoder(input, start: start, end: input.size)
    case .mpegInWave(let start, let end): try MPEGDecoder(input, start: start, end: end)
    case .oggVorbis: try VorbisDecoder(input)
    case .oggOpus: try OpusDecoder(input)
    case .other: try SndFileDecoder(input)
    case .unreadable(let what): throw SoundFileProblem(what)
    }
  }

  public func read(into frames: inout [Float]) throws(Failure) -> AudioReadResult {
    guard !hasEnded else { return .end }
    let count = decoder.read(into: &frames)
    if count > 0 {
      framesRead += count
      return .frames(count)
    }
    hasEnded = true
    guard framesRead > 0 else { throw Failure(.noInput, "\(path): the file holds no audio") }
    warnings += decoder.remarks(framesRead: framesRead).map { "\(path): \($0)" }
    return .end
  }
}
