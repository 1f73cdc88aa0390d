import Platform
import Publishing
import TestSupport
import Testing

/// Requests, read without a socket.
@Suite struct SocketRequestTests {
  private func request(_ line: String) throws(SocketRequest.Problem) -> SocketRequest {
    try SocketRequest(line: Array(line.utf8))
  }

  private func call(_ method: String, _ parameters: String? = nil) throws(SocketRequest.Problem) -> SocketRequest.Call {
    let parameters = parameters.map { ",\"params\":\($0)" } ?? ""
    return try request("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\(method)\"\(parameters)}").call
  }

  private func problem(_ line: String) throws -> SocketRequest.Problem {
    try #require(throws: SocketRequest.Problem.self) { try request(line) }
  }

  private func problem(_ method: String, _ parameters: String) throws -> SocketRequest.Problem {
    try #require(throws: SocketRequest.Problem.self) { try call(method, parameters) }
  }

  private static let label200 = String(repeating: "é", count: 100)

  @Test(
    arguments: [
      ("get_state", nil, .command(.getState)), ("get_config", nil, .command(.getConfig)),
      ("get_stats", nil, .command(.getStats)), ("pause", nil, .command(.pause)), ("resume", nil, .command(.resume)),
      ("freeze", nil, .command(.freeze)), ("reset", nil, .command(.reset)), ("ping", nil, .ping),
      ("ping", "{}", .ping), ("ping", "[]", .ping),
      ("mark", nil, .command(.mark(""))), ("mark", #"{"label":"drop"}"#, .command(.mark("drop"))),
      ("mark", #"{"label":"\#(label200)"}"#, .command(.mark(label200))),
      ("set", #"{"smoothing":"none"}"#, .command(.set(.init(smoothing: "none")))),
      ("set", #"{"gain":-6.5}"#, .command(.set(.init(gain: -6.5)))),
      ("set", #"{"offset":0}"#, .command(.set(.init(offset: 0)))),
      (
        "set", #"{"offset":-250,"gain":3,"smoothing":"one-euro"}"#,
        .command(.set(.init(smoothing: "one-euro", gain: 3, offset: -250)))
      ),
      ("calibrate", nil, .command(.calibrate(seconds: 30))),
      ("calibrate", #"{"seconds":5}"#, .command(.calibrate(seconds: 5))),
      ("calibrate", #"{"seconds":600}"#, .command(.calibrate(seconds: 600))),
      ("subscribe", nil, .subscribe(.all)), ("subscribe", #"{"fields":[]}"#, .subscribe(.init(fields: []))),
      ("subscribe", #"{"rate":0.01}"#, .subscribe(.init(rate: 0.01))),
      (
        "subscribe", #"{"rate":100,"fields":["raw","state","raw"]}"#,
        .subscribe(.init(fields: [.raw, .state], rate: 100))
      ),
    ] as [(String, String?, SocketRequest.Call)])
  func everyMethodIsUnderstood(_ method: String, _ parameters: String?, _ expected: SocketRequest.Call) throws {
    #expect(try call(method, parameters) == expected)
  }

  @Test func everyFieldCanBeChosen() throws {
    for field in AffectLine.Field.allCases {
      #expect(try call("subscribe", "{\"fields\":[\"\(field.rawValue)\"]}") == .subscribe(.init(fields: [field])))
    }
  }

  @Test(
    arguments: [
      "1", "-7", "0.5", "1e300", "9007199254740993", "123456789012345678901234567890", "1.10", "-0", "\"\"", "\"a b\"",
      #""\"\\,}{""#, #""\u00e9""#, "null",
    ])
  func identifiersOfEveryKindComeBackAsTheyCame(_ text: String) throws {
    let id = SocketRequest.ID(json: text)
    #expect(try request("{\"jsonrpc\":\"2.0\",\"id\":\(text),\"method\":\"ping\"}").id == id)
    // The mistake too says whose it is.
    #expect(try problem("{\"jsonrpc\":\"2.0\",\"id\":\(text),\"method\":\"dance\"}").id == id)
    #expect(try problem("{\"jsonrpc\":\"2.0\",\"id\":\(text)}").id == id)
    #expect(try problem("{\"id\":\(text),\"method\":\"ping\"}").id == id)
    #expect(
      try request("{ \"params\" : {\"fields\":[]} , \"id\" : \(text) , \"method\":\"subscribe\",\"jsonrpc\":\"2.0\"}")
        .id
        == id)
    #expect(try request(#"{"jsonrpc":"2.0","method":"ping","\u0069d":\#(text)}"#).id == id)
  }

  @Test func withoutAnIdentifierItIsANotification() throws {
    let notification = try request(#"{"jsonrpc":"2.0","method":"pause"}"#)
    #expect(notification.id == nil)
    #expect(notification.call == .command(.pause))
  }

  @Test(
    arguments: [
      ("", .parseError), ("pause", .parseError), ("{", .parseError), (#"{"jsonrpc":"2.0","id":1,"#, .parseError),
      (#"{"jsonrpc":"2.0","id":NaN,"method":"ping"}"#, .parseError),
      (#"{"jsonrpc":"2.0","id":1e999,"method":"ping"}"#, .parseError),
      (#"{"jsonrpc":"2.0","id":1,"method":"set","params":{"gain":1e999}}"#, .parseError),
      (#"{"jsonrpc":"2.0","id":1,"method":"set","params":{"gain":Infinity}}"#, .parseError),
      ("1", .invalidRequest), ("\"ping\"", .invalidRequest), ("null", .invalidRequest), ("[]", .invalidRequest),
      (#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, .invalidRequest), ("{}", .invalidRequest),
      (#"{"id":1,"method":"ping"}"#, .invalidRequest), (#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, .invalidRequest),
      (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":1}"#, .invalidRequest), (#"{"jsonrpc":"2.0","id":1,"method":7}"#, .invalidRequest),
      (#"{"jsonrpc":"2.0","id":1,"method":""}"#, .methodNotFound),
      (#"{"jsonrpc":"2.0","id":1,"method":"Ping"}"#, .methodNotFound),
    ] as [(String, SocketRequest.Problem.Code)])
  func whatIsNoRequestIsRefused(_ line: String, _ code: SocketRequest.Problem.Code) throws {
    #expect(try problem(line).code == code)
  }

  @Test(arguments: [
    ("mark", #"{"label":7}"#, "'label'"), ("mark", #"{"label":null}"#, "'label'"),
    ("mark", #"{"label":"\#(label200)x"}"#, "200 bytes"), ("mark", #"{"name":"x"}"#, "no parameter 'name'"),
    ("set", "{}", "at least one"), ("set", #"{"gain":"6"}"#, "'gain'"), ("set", #"{"gain":null}"#, "'gain'"),
    ("set", #"{"offset":true}"#, "'offset'"), ("set", #"{"smoothing":1}"#, "'smoothing'"),
    ("set", #"{"gain":1,"volume":2}"#, "no parameter 'volume'"),
    ("calibrate", #"{"seconds":4.9}"#, "5.0 and 600.0"), ("calibrate", #"{"seconds":601}"#, "5.0 and 600.0"),
    ("calibrate", #"{"seconds":1e300}"#, "5.0 and 600.0"), ("calibrate", #"{"seconds":"30"}"#, "'seconds'"),
    ("subscribe", #"{"fields":"state"}"#, "'fields'"), ("subscribe", #"{"fields":["mood"]}"#, "audio_time"),
    ("subscribe", #"{"fields":[1]}"#, "'fields'"), ("subscribe", #"{"rate":0}"#, "0.01 and 100.0"),
    ("subscribe", #"{"rate":100.5}"#, "0.01 and 100.0"), ("subscribe", #"{"rate":-1}"#, "0.01 and 100.0"),
    ("subscribe", #"{"rates":1}"#, "no parameter 'rates'"), ("pause", #"{"now":true}"#, "no parameter 'now'"),
    ("ping", "[1]", "must be an object"), ("ping", "1", "must be an object"), ("ping", "null", "must be an object"),
  ])
  func mistakenParametersAreNamed(_ method: String, _ parameters: String, _ expected: String) throws {
    let problem = try problem(method, parameters)
    #expect(problem.code == .invalidParameters)
    #expect(problem.message.contains(method) && problem.message.contains(expected), "\(problem.message)")
    #expect(problem.id == .init(json: "1"))
  }

  @Test func anUnknownMethodIsToldWhichThereAre() throws {
    let message = try problem(#"{"jsonrpc":"2.0","id":1,"method":"dance"}"#).message
    #expect(message.contains("'dance'"))
    for method in [
      "get_state", "get_config", "get_stats", "set", "subscribe", "pause", "resume", "freeze", "reset", "calibrate",
      "mark", "ping",
    ] {
      #expect(message.contains(method))
    }
  }

  @Test func theLengthIsLimited() throws {
    let request = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
    let longest = request + String(repeating: " ", count: SocketRequest.lineLimit - request.utf8.count)
    #expect(try self.request(longest).call == .ping)
    let problem = try problem(longest + " ")
    #expect(problem.code == .invalidRequest && problem.message.contains("1024"))
  }

  @Test func deepNestingIsAMistakeLikeOthers() throws {
    let nested = String(repeating: "[", count: 450) + String(repeating: "]", count: 450)
    for line in [nested, String(repeating: "[", count: 500), String(repeating: "{\"a\":", count: 200)] {
      #expect(try problem(line).code == .parseError)
    }
    #expect(try problem("ping", nested).code == .parseError)
    #expect(try problem("ping", "[[[1]]]").code == .invalidParameters)
  }

  @Test func changedRequestsAreReadOrRefused() throws {
    let lines = [
      #"{"jsonrpc":"2.0","id":1,"method":"set","params":{"gain":-6.5,"smoothing":"none"}}"#,
      #"{"jsonrpc":"2.0","id":"a","method":"subscribe","params":{"fields":["raw","state"],"rate":2}}"#,
      #"{"jsonrpc":"2.0","method":"mark","params":{"label":"é"}}"#,
    ]
    var generator = SeededGenerator(seed: 8)
    var (read, refused) = (0, 0)
    for _ in 0..<5000 {
      var line = Array((lines.randomElement(using: &generator) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...3, using: &generator) { line.change(using: &generator) }
      do throws(SocketRequest.Problem) {
        _ = try SocketRequest(line: line)
        read += 1
      } catch {
        #expect(!error.message.isEmpty)
        refused += 1
      }
    }
    #expect(read > 100 && refused > 1000)
  }
}
