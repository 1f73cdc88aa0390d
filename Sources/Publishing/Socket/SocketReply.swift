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
