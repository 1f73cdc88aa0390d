/// A request of a client of the socket: one line, JSON-RPC 2.0 (jsonrpc.org/specification), at most 1 KiB. Batches are
/// not taken; a line each does the same.
public struct SocketRequest: Sendable, Equatable {
  /// Repeated in the reply; nil for a notification, which gets none.
  public let id: ID?
  public let call: Call

  /// A number, a text or null, as the client wrote it: a number that no `Double` holds comes back unchanged.
  public struct ID: Sendable, Equatable {
    public let json: String

    public static let null = ID(json: "null")

    public init(json: String) {
      self.json = json
    }
  }

  public enum Call: Sendable, Equatable {
    case command(ControlCommand)
    case subscribe(Subscription)
    /// Answered with `pong`.
    case ping
  }

  /// Bytes of a line, its end not counted.
  public static let lineLimit = 1024

  /// Why a line is no request.
  public struct Problem: Error, Equatable, Sendable {
    public let code: Code
    public let message: String
    /// The request's, if it could be read.
    public let id: ID?

    /// The codes of JSON-RPC 2.0, section 5.1.
    public enum Code: Int, Sendable {
      case parseError = -32_700
      case invalidRequest = -32_600
      case methodNotFound = -32_601
      case invalidParameters = -32_602
      /// The request is right, but it cannot be carried out (section 5.1, "server error").
      case refused = -32_000
    }

    public init(_ code: Code, _ message: String, id: ID? = nil) {
      self.code = code
      self.message = message
      self.id = id
    }

    /// Whether the client is told. What can be read and has no `id` is a notification, which is not answered even if it
    /// is wrong (section 4.1).
    var isAnswered: Bool { id != nil || code == .parseError || code == .invalidRequest }
  }

  /// - Parameter line: without its line feed.
  /// - Throws: ``Problem`` that says what is wrong.
  public init(line: [UInt8]) throws(Problem) {
    guard line.count <= Self.lineLimit else {
      throw Problem(.invalidRequest, "a request has at most \(Self.lineLimit) bytes")
    }
    guard let value = JSONValue(line) else { throw Problem(.parseError, "the line is not JSON") }
    guard case .object(let members) = value else {
      throw Problem(.invalidRequest, "expected one object, as in {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}")
    }
    let id: ID?
    switch members["id"] {
    case nil: id = nil
    case .null, .string, .number: id = JSONText.member("id", of: line).map { ID(json: $0) }
    default: throw Problem(.invalidRequest, "'id' must be a number or a text")
    }
    guard members["jsonrpc"] == .string("2.0") else {
      throw Problem(.invalidRequest, "'jsonrpc' must be \"2.0\"", id: id)
    }
    guard let method = members["method"]?.string else {
      throw Problem(.invalidRequest, "'method' must be a text", id: id)
    }
    self.id = id
    call = try Parameters(method: method, members["params"], id: id).call()
  }
}

/// The parameters of a request, by name.
private struct Parameters {
  let method: String
  let members: [String: JSONValue]
  let id: SocketRequest.ID?

  init(method: String, _ value: JSONValue?, id: SocketRequest.ID?) throws(SocketRequest.Problem) {
    self.method = method
    self.id = id
    switch value {
    case nil: members = [:]
    case .object(let object): members = object
    case .array(let array) where array.isEmpty: members = [:]
    default:
      throw SocketRequest.Problem(.invalidParameters, "\(method): 'params' must be an object", id: id)
    }
  }

  func call() throws(SocketRequest.Problem) -> SocketRequest.Call {
    switch method {
    case "get_state": .command(try plain(.getState))
    case "get_config": .command(try plain(.getConfig))
    case "get_stats": .command(try plain(.getStats))
    case "pause": .command(try plain(.pause))
    case "resume": .command(try plain(.resume))
    case "freeze": .command(try plain(.freeze))
    case "reset": .command(try plain(.reset))
    case "mark": .command(.mark(try label()))
    case "set": .command(.set(try adjustment()))
    case "calibrate": .command(try calibration())
    case "subscribe": .subscribe(try subscription())
    case "ping": try plain(.ping)
    default:
      throw SocketRequest.Problem(
        .methodNotFound,
        "there is no method '\(method.prefix(64))'; there are get_state, get_config, get_stats, set, subscribe, "
          + "pause, resume, freeze, reset, calibrate, mark and ping", id: id)
    }
  }

  private func plain<Value>(_ value: Value) throws(SocketRequest.Problem) -> Value {
    try expect([])
    return value
  }

  private func label() throws(SocketRequest.Problem) -> String {
    try expect(["label"])
    guard let label = members["label"] else { return "" }
    guard let text = label.string, text.utf8.count <= ControlCommand.labelLimit else {
      throw invalid("'label' must be a text of at most \(ControlCommand.labelLimit) bytes")
    }
    return text
  }

  private func adjustment() throws(SocketRequest.Problem) -> ControlCommand.Adjustment {
    try expect(["smoothing", "gain", "offset"])
    guard !members.isEmpty else { throw invalid("name at least one of smoothing, gain and offset") }
    var adjustment = ControlCommand.Adjustment()
    if let smoothing = members["smoothing"] {
      guard let text = smoothing.string else { throw invalid("'smoothing' must be a text") }
      adjustment.smoothing = text
    }
    adjustment.gain = try number("gain")
    adjustment.offset = try number("offset")
    return adjustment
  }

  private func calibration() throws(SocketRequest.Problem) -> ControlCommand {
    try expect(["seconds", "noise"])
    var isNoise = false
    if let noise = members["noise"] {
      guard case .bool(let value) = noise else { throw invalid("'noise' must be true or false") }
      isNoise = value
    }
    let seconds = try number("seconds") ?? 30
    let range = ControlCommand.calibrationTimes
    guard range.contains(seconds) else {
      throw invalid("'seconds' must lie between \(range.lowerBound) and \(range.upperBound)")
    }
    return .calibrate(seconds: seconds, isNoise: isNoise)
  }

  private func subscription() throws(SocketRequest.Problem) -> Subscription {
    try expect(["fields", "rate"])
    var subscription = Subscription()
    if let fields = members["fields"] {
      guard case .array(let names) = fields else { throw invalid("'fields' must be a list of names") }
      var chosen: Set<AffectLine.Field> = []
      for name in names {
        guard let field = name.string.flatMap(AffectLine.Field.init(rawValue:)) else {
          throw invalid(
            "'fields' may have \(AffectLine.Field.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        chosen.insert(field)
      }
      subscription.fields = chosen
    }
    if let rate = try number("rate") {
      guard Subscription.rates.contains(rate) else {
        throw invalid(
          "'rate' must lie between \(Subscription.rates.lowerBound) and \(Subscription.rates.upperBound)")
      }
      subscription.rate = rate
    }
    return subscription
  }

  private func number(_ name: String) throws(SocketRequest.Problem) -> Double? {
    guard let value = members[name] else { return nil }
    guard let number = value.number, number.isFinite else { throw invalid("'\(name)' must be a number") }
    return number
  }

  /// A misspelt parameter is not passed over in silence.
  private func expect(_ names: [String]) throws(SocketRequest.Problem) {
    if let unknown = members.keys.sorted().first(where: { !names.contains($0) }) {
      throw invalid("there is no parameter '\(unknown.prefix(64))'")
    }
  }

  private func invalid(_ message: String) -> SocketRequest.Problem {
    SocketRequest.Problem(.invalidParameters, "\(method): \(message)", id: id)
  }
}

/// A reply to a ``SocketRequest`` as a line (JSON-RPC 2.0, section 5), without its line feed.
enum SocketReply {
  static func result(_ result: JSONLine, id: SocketRequest.ID) -> String {
    var line = beginning
    line.add("id", json: id.json)
    line.add("result", result)
    return line.object
  }

  static func failure(_ problem: SocketRequest.Problem) -> String {
    var error = JSONLine()
    error.add("code", problem.code.rawValue)
    error.add("message", problem.message)
    var line = beginning
    line.add("id", json: (problem.id ?? .null).json)
    line.add("error", error)
    return line.object
  }

  private static var beginning: JSONLine {
    var line = JSONLine()
    line.add("jsonrpc", "2.0")
    return line
  }
}

/// Cuts what a client sends into lines. Of a line that is too long only so much is kept that its reader sees that it is.
package struct RequestLines: Sendable {
  let limit: Int
  private var pending: [UInt8] = []

  package init(limit: Int) {
    self.limit = limit
  }

  /// Takes `bytes` and returns the lines that they complete, without their line feeds.
  package mutating func take(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        lines.append(pending)
        pending.removeAll(keepingCapacity: true)
      } else if pending.count <= limit {
        pending.append(byte)
      }
    }
    return lines
  }
}
