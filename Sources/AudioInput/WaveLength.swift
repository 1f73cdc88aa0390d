internal import Glibc

/// Finds wav files whose data end early, which libsndfile opens in silence (RIFF: Microsoft and IBM, "Multimedia
/// Programming Interface and Data Specifications 1.0", 1991: a chunk is a four-letter name, a 32-bit little-endian
/// length, and the data, padded to an even length).
enum WaveLength {
  /// Bytes that the `data` chunk promises beyond the file's end, nil if nothing is missing. A length that a program
  /// writes when it does not know it yet (0, or 2 GiB - 1 and more, as into a pipe) promises nothing.
  static func missingBytes(path: String) -> Int? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(status.st_size)

    guard let riff = bytes(descriptor, at: 0, count: 12), riff.prefix(4).elementsEqual("RIFF".utf8) else { return nil }
    var position = 12
    while position + 8 <= size, let header = bytes(descriptor, at: position, count: 8) {
      let length = header[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      if header.prefix(4).elementsEqual("data".utf8) {
        let promised = position + 8 + length
        return length < Int(Int32.max) && promised > size ? promised - size : nil
      }
      position += 8 + length + length % 2
    }
    return nil
  }

  private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8]? {
    var result = [UInt8](repeating: 0, count: count)
    return pread(descriptor, &result, count, offset) == count ? result : nil
  }
}
