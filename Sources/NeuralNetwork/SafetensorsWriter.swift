internal import FoundationEssentials
public import Platform

/// Writes `safetensors` files of single-precision tensors.
public enum SafetensorsWriter {
  /// Writes `tensors`, in this order, and `metadata` to `path`. The file appears whole or not at all
  /// (``WholeFile``).
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
  ) throws(Failure) {
    if let name = tensors.first(where: { !$0.tensor.values.allSatisfy(\.isFinite) })?.name {
      throw Failure(
        .cannotCreate, path, "tensor '\(name)' holds values that are not finite, and nobody could read it")
    }
    var bytes: [UInt8]
    do {
      bytes = try header(of: tensors, metadata: metadata)
    } catch {
      throw Failure(.cannotCreate, path, "the header cannot be encoded: \(error)")
    }
    for (_, tensor) in tensors {
      for value in tensor.values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    }
    do {
      try WholeFile.write(bytes, to: path)
    } catch {
      throw Failure(.cannotCreate, path, "cannot be written: \(error)")
    }
  }

  private static func header(of tensors: [(name: String, tensor: Tensor)], metadata: [String: String]) throws -> [UInt8]
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var fields: [String] = []
    if !metadata.isEmpty {
      let text = String(decoding: try encoder.encode(metadata), as: UTF8.self)
      fields.append("\"\(SafetensorsHeader.metadataKey)\":\(text)")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + 4 * tensor.values.count
      let key = String(decoding: try encoder.encode(name), as: UTF8.self)
      let entry = SafetensorsHeader.Entry(
        dtype: SafetensorsNumberType.float32.rawValue, shape: tensor.shape, dataOffsets: [offset, end])
      fields.append("\(key):" + String(decoding: try encoder.encode(entry), as: UTF8.self))
      offset = end
    }
    var json = Array("{\(fields.joined(separator: ","))}".utf8)
    // The data begin at a multiple of 8 bytes, as the format's own writer has it.
    json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
    return length + json
  }
}
