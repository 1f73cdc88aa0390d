/// A reply to a ``SocketRequest`` as a line (JSON-RPC 2.0, section 5), without its line feed.
enum SocketReply {
  static func result(_ result: JSONLine, id: SocketRequest.ID) -> String {
    var line = beginning
    line.add("id", id)
    line.add("result", result)
    return line.object
  }

  static func failure(_ problem: SocketRequest.Problem) -> String {
    var error = JSONLine()
    error.add("code", problem.code.rawValue)
    error.add("message", problem.message)
    var line = beginning
    line.add("id", problem.id ?? .null)
    line.add("error", error)
    return line.object
  }

  private static var beginning: JSONLine {
    var line = JSONLine()
    line.add("jsonrpc", "2.0")
    return line
  }
}

extension JSONLine {
  fileprivate mutating func add(_ key: String, _ id: SocketRequest.ID) {
    switch id {
    case .number(let number):
      // An integer goes back as one.
      if let whole = Int(exactly: number) { add(key, whole) } else { add(key, number) }
    case .string(let text): add(key, text)
    case .null: add(key, Double.nan)
    }
  }
}
