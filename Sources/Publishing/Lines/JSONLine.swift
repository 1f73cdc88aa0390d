/// Writes one JSON object on one line (RFC 8259), its members in the order in which they are added. Foundation's encoder
/// would shuffle them from run to run.
public struct JSONLine: Sendable {
  private var text = "{"
  private var isEmpty = true

  public init() {}

  /// The object, closed, without a line end.
  public var object: String { text + "}" }

  public mutating func add(_ key: String, _ value: String) {
    begin(key)
    text += Self.quoted(value)
  }

  public mutating func add(_ key: String, _ value: Int) {
    begin(key)
    text += String(value)
  }

  public mutating func add(_ key: String, _ value: Bool) {
    begin(key)
    text += value ? "true" : "false"
  }

  public mutating func addNull(_ key: String) {
    begin(key)
    text += "null"
  }

  /// The shortest digits that read back as the same number; `null` for a number that JSON does not have.
  public mutating func add(_ key: String, _ value: Double) {
    begin(key)
    text += value.isFinite ? value.description : "null"
  }

  public mutating func add(_ key: String, _ value: Float) {
    begin(key)
    text += value.isFinite ? value.description : "null"
  }

  public mutating func add(_ key: String, _ values: [Float]) {
    begin(key)
    text += "[\(values.map(\.description).joined(separator: ","))]"
  }

  public mutating func add(_ key: String, _ values: [Double]) {
    begin(key)
    text += "[\(values.map(\.description).joined(separator: ","))]"
  }

  public mutating func add(_ key: String, _ values: [String]) {
    begin(key)
    text += "[\(values.map(Self.quoted).joined(separator: ","))]"
  }

  public mutating func add(_ key: String, _ values: [JSONLine]) {
    begin(key)
    text += "[\(values.map(\.object).joined(separator: ","))]"
  }

  public mutating func add(_ key: String, _ value: JSONLine) {
    begin(key)
    text += value.object
  }

  /// - Parameter json: a value as it is written.
  mutating func add(_ key: String, json: String) {
    begin(key)
    text += json
  }

  private mutating func begin(_ key: String) {
    if !isEmpty { text += "," }
    isEmpty = false
    text += Self.quoted(key) + ":"
  }

  /// `string` as a JSON string, in quotes.
  public static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
