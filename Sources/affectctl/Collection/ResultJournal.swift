import CommandLineSupport
import Glibc
import Platform
import Publishing

/// The rows of a collection as they come, in a file of one line each, so that a run that was killed goes on where it was.
///
/// A line is written at once and counts only when it is whole. It says for which file it holds: path, size, time of the
/// last change, and everything that decides the values.
final class ResultJournal {
  /// What a row holds for.
  struct Key: Sendable {
    let path: String
    let size: Int
    /// Nanoseconds since 1970.
    let modified: Int
    /// The program, the model and the settings.
    let settings: String

    /// Of the file as it is now; nil if there is none.
    init?(of path: String, settings: String) {
      var status = stat()
      guard FileName.withPath(path, { stat($0, &status) }) == 0 else { return nil }
      self.path = path
      size = Int(status.st_size)
      modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
      self.settings = settings
    }

    var text: String { "\(size) \(modified) \(settings) \(path)" }
  }

  private let path: String
  private let descriptor: Int32
  /// Where the line of a key begins. Keys by their hash: a collection may have a million.
  private var places: [UInt64: Int] = [:]
  private var end = 0

  private static let longestLine = 1 << 16

  /// Opens the journal in `directory`, and reads what an earlier run has left.
  ///
  /// - Throws: ``Failure`` if it cannot be opened, or another run has it.
  init(in directory: String) throws(Failure) {
    path = directory + "/journal.jsonl"
    descriptor = FileName.withPath(path) { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o666) }
    guard descriptor >= 0 else { throw Failure(.cannotCreate, path, String(cString: strerror(errno))) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw Failure(.unavailable, path, "another affectctl analyzes into this directory")
    }
    do {
      try load()
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Whether the row of `key` is there.
  func contains(_ key: Key) -> Bool { places[Self.hash(key.text)] != nil }

  /// - Throws: ``Failure`` if it cannot be written.
  func add(_ row: SongRow, for key: Key) throws(Failure) {
    var line = JSONLine()
    line.add("key", key.text)
    line.add("row", row.cells)
    let bytes = FileName.bytes(line.object) + [UInt8(ascii: "\n")]
    guard FileBytes.write(bytes[...], to: descriptor) else {
      throw Failure(.cannotCreate, path, String(cString: strerror(errno)))
    }
    places[Self.hash(key.text)] = end
    end += bytes.count
  }

  /// The row of `key`; nil if there is none.
  func row(for key: Key) -> SongRow? {
    guard let place = places[Self.hash(key.text)] else { return nil }
    var bytes = [UInt8](repeating: 0, count: Self.longestLine)
    let count = pread(descriptor, &bytes, bytes.count, place)
    guard count > 0, let length = bytes[..<count].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    return Self.entry(bytes[..<length], key: key.text)
  }

  /// Finds the whole lines, and cuts off what a killed run has begun.
  private func load() throws(Failure) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var line: [UInt8] = []
    var start = 0
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(.inputOutput, path, String(cString: strerror(errno))) }
      guard count > 0 else { break }
      var rest = buffer[..<count]
      while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
        line += rest[..<newline]
        if let key = Self.key(line) { places[Self.hash(key)] = start }
        start += line.count + 1
        line.removeAll(keepingCapacity: true)
        rest = rest[(newline + 1)...]
      }
      line += rest
    }
    end = start
    guard ftruncate(descriptor, end) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      throw Failure(.inputOutput, path, String(cString: strerror(errno)))
    }
  }

  private static func key(_ line: [UInt8]) -> String? {
    guard line.count < longestLine, let value = JSONValue(text(line)), value["row"] != nil else { return nil }
    return value["key"]?.string
  }

  private static func entry(_ line: ArraySlice<UInt8>, key: String) -> SongRow? {
    guard let value = JSONValue(text(Array(line))), value["key"]?.string == key, case .array(let cells)? = value["row"]
    else { return nil }
    let texts = cells.compactMap(\.string)
    return texts.count == SongRow.columns.count ? SongRow(cells: texts) : nil
  }

  /// Names need not be UTF-8.
  private static func text(_ line: [UInt8]) -> [UInt8] { Array(FileName.string(line).utf8) }

  /// FNV-1a (Fowler, Noll and Vo), 64 bits.
  static func hash(_ text: String) -> UInt64 { hash(text.utf8) }

  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}
