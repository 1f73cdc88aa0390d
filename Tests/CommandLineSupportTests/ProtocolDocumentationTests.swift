import Affect
import CommandLineSupport
import Foundation
import Platform
import Publishing
import Testing

/// That docs/protocol.md knows everything that goes over the wire.
@Suite struct ProtocolDocumentationTests {
  private let text: String
  /// The cells of every row of its tables.
  private let rows: [[String]]

  init() throws {
    text = try Repository.text(of: "docs/protocol.md")
    rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The row whose first cell is `name` as code, in a table of so many columns: an OSC value may be named like a field.
  private func row(_ name: String, columns: Int) throws -> [String] {
    try #require(rows.first { $0.first == "`\(name)`" && $0.count == columns }, "\(name) has no row")
  }

  @Test func everyStateHasItsSentence() throws {
    for state in TrackerState.allCases {
      #expect(try row(state.rawValue, columns: 2) == ["`\(state.rawValue)`", state.meaning])
    }
  }

  @Test func everyFieldOfATickIsDescribed() throws {
    for field in AffectLine.Field.allCases {
      #expect(try !row(field.rawValue, columns: 3)[1].isEmpty)
    }
  }

  @Test func theFieldsOfASubscriptionAreListed() throws {
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("`subscribe` chooses") })
    for field in AffectLine.Field.allCases { #expect(line.contains("`\(field.rawValue)`"), "\(field)") }
  }

  /// The names in the message that a request for no known method gets.
  private func methods() throws -> [String] {
    let line = #"{"jsonrpc":"2.0","id":1,"method":"?"}"#
    let problem = #expect(throws: SocketRequest.Problem.self) { try SocketRequest(line: Array(line.utf8)) }
    let list = try #require(problem?.message.split(separator: "there are ").last)
    return list.replacing(" and ", with: ", ").split(separator: ", ").map(String.init)
  }

  @Test func everyMethodIsDescribed() throws {
    let methods = try methods()
    #expect(methods.contains("get_state") && methods.contains("ping"))
    for method in methods { _ = try row(method, columns: 3) }
  }

  @Test func everyDescribedMethodIsKnown() throws {
    let begin = try #require(rows.firstIndex { $0.first == "method" })
    let described = rows[(begin + 1)...].dropFirst().prefix { $0.first?.hasPrefix("`") == true }
    let names = described.map { $0[0].replacing("`", with: "") }
    #expect(try Set(names) == Set(methods()))
  }

  @Test func everyErrorCodeOfARequestIsDescribed() {
    let codes = (-32_768 ... -32_000).compactMap(SocketRequest.Problem.Code.init(rawValue:))
    #expect(!codes.isEmpty)
    for code in codes { #expect(rows.contains { $0.first == "\(code.rawValue)" }, "\(code)") }
  }

  @Test func everyValueOfOSCHasItsAddressAndType() throws {
    let standard = OSCDestination.standard
    for value in OSCValue.allCases {
      let row = try row(value.rawValue, columns: 5)
      #expect(row[1] == "`\(standard.address(of: value))`")
      #expect(row[2] == (value == .state ? "s" : [.quadrant, .active].contains(value) ? "i" : "f"))
    }
  }

  @Test func everyControlAddressIsDescribed() throws {
    // The control port keeps its names to itself.
    let source = try Repository.text(of: "Sources/Publishing/OSC/OSCControlMessage.swift")
    let addresses = source.matches(of: /case [a-z]+ = "(\/affect\/[a-z]+)"/).map { String($0.1) }
    #expect(addresses.contains("/affect/pause"))
    let described = rows.filter { $0.count == 3 && $0[0].hasPrefix("`/affect/") }.map { $0[0] }
    #expect(described == addresses.map { "`\($0)`" })
  }

  @Test func everyExitCodeIsDescribed() {
    let codes = Set(Failure.Code.allCases.map(\.exitStatus)).sorted()
    let described = rows.filter { $0.count == 2 }.compactMap { Int32($0[0]) }.filter { $0 > 0 }
    #expect(!codes.isEmpty && described == codes)
  }

  @Test func theLimitsAreTheBuiltInOnes() {
    #expect(text.contains("queue of the newest \(SocketServer.queueLimit) lines"))
    #expect(text.contains("at most \(SocketRequest.lineLimit) bytes"))
    #expect(text.contains("At most \(Configuration().socketClients) clients"))
    #expect(text.contains("at most \(ControlCommand.labelLimit) bytes"))
    #expect(text.contains("at most \(RecordingReader.lineLimit) bytes"))
  }
}
