/// Decodes one kind of sound file, from its first frame to its last, whatever lengths it claims to have.
protocol SoundFileDecoder: AnyObject {
  var format: AudioFormat { get }
  /// Frames that are expected; 0 if that is not known.
  var expectedFrameCount: Int { get }

  /// Its named parts, in the order of their times.
  var sections: [SoundFileSection] { get }

  /// Reads at most `frames.count / channelCount` frames, interleaved, full scale ±1.
  ///
  /// - Returns: the number of frames, 0 at the end.
  func read(into frames: inout [Float]) -> Int

  /// What is missing or damaged, without the file's name. Complete at the end.
  ///
  /// - Parameter framesRead: from the beginning on.
  func remarks(framesRead: Int) -> [String]
}

extension SoundFileDecoder {
  var sections: [SoundFileSection] { [] }

  /// `frames` as seconds with three digits.
  func seconds(_ frames: Int) -> String {
    let milliseconds = frames * 1000 / format.sampleRate
    let fraction = String(1000 + milliseconds % 1000).dropFirst()
    return "\(milliseconds / 1000).\(fraction) s"
  }
}

/// Why a file cannot be decoded, without its name.
struct SoundFileProblem: Error {
  let description: String

  init(_ description: String) { self.description = description }
}
