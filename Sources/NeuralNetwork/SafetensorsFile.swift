internal import FoundationEssentials
public import Platform

/// Reads a `safetensors` file (https://huggingface.co/docs/safetensors: 8 bytes of little-endian header length, a JSON
/// header, then the data). The header is read and checked as a whole when the file is opened, each tensor when it is
/// asked for.
public final class SafetensorsFile {
  public let path: String
  /// The strings of the header's `__metadata__`.
  public let metadata: [String: String]

  private let file: InputFile
  private let dataStart: Int
  private let entries: [String: SafetensorsHeader.Entry]

  /// The longest header that is read, bytes: the limit of the format's own reader.
  private static let maximumHeaderLength = 100_000_000

  /// - Throws: ``Failure`` if the file cannot be read, is not in the format or is cut short.
  public init(path: String) throws(Failure) {
    self.path = path
    do throws(FileError) { file = try InputFile(path) } catch {
      let isOdd = ["is not a regular file", "is a directory"].contains(error.description)
      let reason = isOdd ? "is not a regular file" : "cannot be opened: \(error)"
      throw Failure(.noInput, path, reason)
    }
    let size = file.size
    guard size > 8 else {
      throw Failure(.invalidData, path, "is not a safetensors file: it has only \(size) bytes")
    }
    let prefix = try Self.read(file, path, at: 0, count: 8, what: "the header's length")
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length >= 2, length <= UInt64(Self.maximumHeaderLength), Int(length) <= size - 8 else {
      throw Failure(
        .invalidData, path,
        "is not a safetensors file, or is cut short: its header would be \(length) bytes long in a file of \(size)")
    }
    dataStart = 8 + Int(length)
    var header = try Self.read(file, path, at: 8, count: Int(length), what: "the header")
    // Foundation's decoder traps if the last byte is a bracket that is nested too deep.
    header.append(UInt8(ascii: " "))
    let decoded: SafetensorsHeader
    do {
      decoded = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(header))
    } catch {
      throw Failure(.invalidData, path, "is not a safetensors file: its header is not the JSON of the format")
    }
    for (name, entry) in decoded.entries.sorted(by: { $0.key < $1.key }) {
      if let problem = entry.problem(dataLength: size - dataStart) {
        throw Failure(.invalidData, path, "tensor '\(name)' \(problem)")
      }
    }
    entries = decoded.entries
    metadata = decoded.metadata
  }

  public var tensorNames: [String] { entries.keys.sorted() }

  /// Shape of a tensor, nil if the file has none of this name.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// Reads a tensor of numbers, converted to single precision.
  ///
  /// - Parameter shape: what the caller expects; nil takes any.
  /// - Throws: ``Failure`` if it is missing, has another shape, holds no numbers, or one that is not finite.
  public func tensor(_ name: String, shape: [Int]? = nil) throws(Failure) -> Tensor {
    guard let entry = entries[name] else {
      let expected = shape.map { " of shape \($0)" } ?? ""
      throw Failure(
        .invalidData, path, "tensor '\(name)'\(expected) is missing; found \(Self.summary(of: tensorNames))")
    }
    if let shape, entry.shape != shape {
      throw Failure(
        .invalidData, path, "tensor '\(name)' has the shape \(entry.shape), expected \(shape)")
    }
    guard let type = SafetensorsNumberType(rawValue: entry.dtype) else {
      let known = SafetensorsNumberType.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(
        .invalidData, path, "tensor '\(name)' has the type \(entry.dtype), expected one of \(known)")
    }
    let bytes = try Self.read(
      file, path, at: dataStart + entry.offsets.lowerBound, count: entry.offsets.count, what: "tensor '\(name)'")
    let values = type.decode(bytes)
    guard values.allSatisfy(\.isFinite) else {
      throw Failure(.invalidData, path, "tensor '\(name)' holds values that are not finite")
    }
    return Tensor(shape: entry.shape, values: values)
  }

  private static func summary(of names: [String]) -> String {
    guard !names.isEmpty else { return "no tensor at all" }
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
  }

  private static func read(
    _ file: InputFile, _ path: String, at offset: Int, count: Int, what: String
  ) throws(Failure) -> [UInt8] {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try file.read(at: offset, count: count) } catch {
      throw Failure(.noInput, path, "\(what) cannot be read: \(error)")
    }
    guard bytes.count == count else { throw Failure(.invalidData, path, "is cut short: \(what) is incomplete") }
    return bytes
  }
}

extension SafetensorsFile {
  /// The most networks that an ensemble may have.
  package static let memberLimit = 16

  /// What the names of the tensors of each member of an ensemble begin with. A file whose metadata have no `members`
  /// holds one network, with nothing before its names.
  ///
  /// - Throws: ``Failure`` if `members` is no number from 1 to ``memberLimit``.
  package func memberPrefixes() throws(Failure) -> [String] {
    guard let count = try integer("members", in: 1...Self.memberLimit) else { return [""] }
    return (0..<count).map { "members.\($0)." }
  }

  /// The whole number that the metadata have for `key`; nil if they have none.
  ///
  /// - Throws: ``Failure`` if it is no whole number in `range`.
  package func integer(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let text = metadata[key] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw Failure(
        .invalidData, path,
        "its metadata have '\(text)' for '\(key)', expected a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return number
  }

  /// Whether the name of a tensor begins with `prefix`.
  package func hasTensors(beginningWith prefix: String) -> Bool {
    tensorNames.contains { $0.hasPrefix(prefix) }
  }
}

/// The number types of a `safetensors` file that can be read as single precision.
enum SafetensorsNumberType: String, CaseIterable {
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"
  case int32 = "I32"
  case int64 = "I64"

  /// The little-endian numbers in `bytes`, rounded to single precision.
  func decode(_ bytes: [UInt8]) -> [Float] {
    switch self {
    case .float16: Self.numbers(bytes) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
    case .bfloat16: Self.numbers(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .float32: Self.numbers(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
    case .float64: Self.numbers(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .int32: Self.numbers(bytes) { (bits: UInt32) in Float(Int32(bitPattern: bits)) }
    case .int64: Self.numbers(bytes) { (bits: UInt64) in Float(Int64(bitPattern: bits)) }
    }
  }

  private static func numbers<Bits: FixedWidthInteger>(_ bytes: [UInt8], _ convert: (Bits) -> Float) -> [Float] {
    bytes.withUnsafeBytes { buffer in
      (0..<buffer.count / MemoryLayout<Bits>.size).map { index in
        convert(
          Bits(littleEndian: buffer.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)))
      }
    }
  }
}
