/// The JSON header of a `safetensors` file: an object with an entry for each tensor, and `__metadata__`.
struct SafetensorsHeader: Decodable {
  let entries: [String: Entry]
  let metadata: [String: String]

  static let metadataKey = "__metadata__"

  struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    /// First byte and the byte after the last, counted from the end of the header.
    let dataOffsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype
      case shape
      case dataOffsets = "data_offsets"
    }

    /// Bytes of the tensor, counted from the end of the header. Valid once ``problem(dataLength:)`` found none.
    var offsets: Range<Int> { dataOffsets[0]..<dataOffsets[1] }

    /// What is wrong with the entry in a file with `dataLength` bytes after its header, nil if nothing is.
    func problem(dataLength: Int) -> String? {
      guard dataOffsets.count == 2, dataOffsets[0] >= 0, dataOffsets[0] <= dataOffsets[1] else {
        return "has impossible offsets \(dataOffsets)"
      }
      guard dataOffsets[1] <= dataLength else {
        return "ends at byte \(dataOffsets[1]) of the data, but the file has only \(dataLength): it is cut short"
      }
      guard let size = Self.sizes[dtype] else { return "has the unknown type '\(dtype)'" }
      var bytes = size
      for length in shape {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflow else { return "has the impossible shape \(shape)" }
        bytes = product
      }
      guard bytes == offsets.count else {
        return "of type \(dtype) and shape \(shape) needs \(bytes) bytes, but has \(offsets.count)"
      }
      return nil
    }

    /// Bytes of a number of each type of the format.
    private static let sizes = [
      "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
      "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
    ]
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]
    for key in container.allKeys {
      if key.stringValue == Self.metadataKey {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
    self.entries = entries
    self.metadata = metadata
  }
}
