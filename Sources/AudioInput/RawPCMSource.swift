internal import Glibc
public import Platform

/// Raw PCM from a file descriptor, such as standard input.
public final class RawPCMSource: AudioSource {
  public let format: AudioFormat
  public let pace = AudioPace.realTimeOrFaster
  public private(set) var warnings: [String] = []

  private let descriptor: Int32
  private let sampleFormat: SampleFormat
  /// Bytes read; those of a last, incomplete frame stay for the next read.
  private var bytes: [UInt8] = []
  private var byteCount = 0
  private var hasEnded = false

  /// Longest wait for data, milliseconds.
  private static let timeout: Int32 = 100

  /// - Parameter descriptor: standard input, if none is named.
  public init(descriptor: Int32 = 0, format: AudioFormat, sampleFormat: SampleFormat) {
    self.descriptor = descriptor
    self.format = format
    self.sampleFormat = sampleFormat
  }

  public func read(into frames: inout [Float]) throws(Failure) -> AudioReadResult {
    guard !hasEnded else { return .end }
    let bytesPerFrame = format.channelCount * sampleFormat.bytesPerSample
    let wanted = frames.count / format.channelCount * bytesPerFrame
    if bytes.count < wanted { bytes = Array(repeating: 0, count: wanted) }

    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, Self.timeout) > 0 else { return .nothing }
    let result = bytes.withUnsafeMutableBytes {
      Glibc.read(descriptor, $0.baseAddress! + byteCount, wanted - byteCount)  // wanted is at least a frame
    }
    if result < 0 {
      guard errno == EINTR || errno == EAGAIN else {
        throw Failure(.inputOutput, "standard input cannot be read: \(String(cString: strerror(errno)))")
      }
      return .nothing
    }
    if result == 0 {
      hasEnded = true
      if byteCount > 0 { warnings.append("standard input ended within a frame: is its format right?") }
      return .end
    }
    byteCount += result
    let count = byteCount / bytesPerFrame
    guard count > 0 else { return .nothing }
    bytes.withUnsafeBytes {
      sampleFormat.decode(UnsafeRawBufferPointer($0), count: count * format.channelCount, into: &frames)
    }
    let used = count * bytesPerFrame
    for index in used..<byteCount { bytes[index - used] = bytes[index] }
    byteCount -= used
    return .frames(count)
  }
}
