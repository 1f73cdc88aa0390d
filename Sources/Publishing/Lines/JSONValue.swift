internal import FoundationEssentials

/// A JSON value that came from outside (RFC 8259).
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Arrays and objects within one another at most.
  public static let maximumDepth = 16

  /// Nil if `bytes` are not one JSON value in UTF-8, or one that is nested deeper than ``maximumDepth``.
  public init?(_ bytes: [UInt8]) {
    // The work of Foundation's decoder grows with the cube of the depth, so that a request of a kilobyte would hold up
    // everybody for a second; and it traps if the last byte is a bracket more than 512 deep. It also takes UTF-16 and
    // UTF-32, in which brackets cannot be told by their bytes.
    guard !bytes.contains(0), Self.depth(bytes) <= Self.maximumDepth else { return nil }
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else { return nil }
    self = value
  }

  /// How deep brackets and braces are opened outside of texts. Whether they fit together is for the decoder to see.
  private static func depth(_ bytes: [UInt8]) -> Int {
    var (depth, deepest) = (0, 0)
    var (isInText, isEscaped) = (false, false)
    for byte in bytes {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\"") {
        isInText.toggle()
      } else if isInText {
        isEscaped = byte == UInt8(ascii: "\\")
      } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
        depth += 1
        deepest = max(deepest, depth)
      } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
        depth -= 1
      }
    }
    return deepest
  }

  public subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  public var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  public var number: Double? {
    guard case .number(let number) = self else { return nil }
    return number
  }
}

extension JSONValue: Decodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}

extension JSONValue {
  /// The value as JSON, the members of objects in the order of their names.
  public var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): Int(exactly: value).map(String.init) ?? value.description
    case .string(let value): JSONLine.quoted(value)
    case .array(let values): "[\(values.map(\.text).joined(separator: ","))]"
    case .object(let members): "{\(Self.sorted(members).joined(separator: ","))}"
    }
  }

  private static func sorted(_ members: [String: JSONValue]) -> [String] {
    members.sorted { $0.key < $1.key }.map { "\(JSONLine.quoted($0.key)):\($0.value.text)" }
  }
}
