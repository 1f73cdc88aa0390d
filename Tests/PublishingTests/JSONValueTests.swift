import Platform
import Publishing
import TestSupport
import Testing

/// JSON that came from outside.
@Suite struct JSONValueTests {
  private func value(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

  @Test(
    arguments: [
      ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("0", .number(0)), ("1", .number(1)),
      ("-12.5", .number(-12.5)), ("1e3", .number(1000)), ("\"\"", .string("")), ("\"1\"", .string("1")),
      (#""a\"\\\n\u00e9\ud83c\udfb5/""#, .string("a\"\\\né🎵/")), ("[]", .array([])), ("{}", .object([:])),
      ("[1,\"a\",null,[true]]", .array([.number(1), .string("a"), .null, .array([.bool(true)])])),
      (#" { "a" : { "b" : [ ] } } "#, .object(["a": .object(["b": .array([])])])),
    ] as [(String, JSONValue)])
  func everyKindIsRead(_ text: String, _ expected: JSONValue) {
    #expect(value(text) == expected)
  }

  @Test(arguments: [
    "", " ", "nul", "truee", "NaN", "nan", "Infinity", "-inf", "+1", "01", ".5", "1.", "0x10", "1 2", "'a'", "\"a",
    "[,]", "[1 2]", "[", "]", "{", "{\"a\"}", "{\"a\":}", "{a:1}", "{,}", "\"\\x\"", "\"\\ud83c\"", "// 1",
    "\"a\nb\"",
  ])
  func whatIsNoJSONIsRefused(_ text: String) {
    #expect(value(text) == nil)
  }

  @Test func bytesThatAreNoTextAreRefused() {
    #expect(JSONValue([0x22, 0xFF, 0x22]) == nil)
    #expect(JSONValue([0x22, 0xC3, 0x22]) == nil)
    #expect(JSONValue([0]) == nil)
  }

  /// A number that is too large is no infinity.
  @Test(arguments: ["1e309", "-1e309", "1e999999999999", "[1e400]", "{\"a\":1e400}"])
  func numbersBeyondDoubleAreRefused(_ text: String) {
    #expect(value(text) == nil)
  }

  @Test func hugeAndTinyNumbersAreRead() {
    #expect(value("1.7976931348623157e308") == .number(.greatestFiniteMagnitude))
    #expect(value("5e-324") == .number(.leastNonzeroMagnitude))
    #expect(value("18446744073709551616") == .number(0x1p64))
    #expect(value(String(repeating: "9", count: 300))?.number?.isFinite == true)
  }

  @Test(arguments: [("[", "]"), ("{\"a\":", "}"), ("[{\"[{\":", "}]")])
  func valuesNestSoDeepAndNoDeeper(_ opening: String, _ closing: String) {
    func nested(_ count: Int) -> String {
      String(repeating: opening, count: count) + "1" + String(repeating: closing, count: count)
    }
    let most = JSONValue.maximumDepth / closing.utf8.count
    #expect(value(nested(most))?.text == nested(most))
    for count in [most + 1, 500, 512, 513, 30_000] {
      #expect(value(nested(count)) == nil, "\(count)")
      #expect(value(String(repeating: opening, count: count)) == nil, "\(count)")
    }
  }

  @Test func bracketsInTextsAreNoNesting() {
    let text = String(repeating: "[{\\\"", count: 100)
    #expect(value("[\"\(text)\"]") == .array([.string(String(repeating: "[{\"", count: 100))]))
    // A backslash before the quote that ends the text hides nothing.
    #expect(value("[\"\\\\\",\(String(repeating: "[", count: 20))\(String(repeating: "]", count: 20))]") == nil)
    // Many next to one another are not deep.
    #expect(value("[\(String(repeating: "[{}],", count: 100))1]") != nil)
  }

  /// In UTF-16 a quote can be hidden in another character, and brackets behind it.
  @Test func onlyUTF8IsRead() {
    #expect(JSONValue("[1]".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] }) == nil)
    #expect(JSONValue("[1]".utf16.flatMap { [0, UInt8(truncatingIfNeeded: $0)] }) == nil)
    #expect(JSONValue([0xFF, 0xFE] + "[1]".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] }) == nil)
  }

  @Test func textIsTheValueOnOneLine() {
    #expect(
      value(#" { "b" : [ 1.0 , 2.5 , true , null ] , "a" : "x\ny" } "#)?.text == #"{"a":"x\ny","b":[1,2.5,true,null]}"#)
    #expect(JSONValue.number(1e300).text == "1e+300")
    #expect(JSONValue.number(-0.125).text == "-0.125")
  }

  @Test func membersAreFoundByName() {
    let object = value(#"{"a":1,"b":"two"}"#)
    #expect(object?["a"]?.number == 1)
    #expect(object?["b"]?.string == "two")
    #expect(object?["c"] == nil)
    #expect(object?["a"]?.string == nil)
    #expect(object?["b"]?.number == nil)
    #expect(value("[1]")?["a"] == nil)
  }

  @Test func randomValuesComeBack() {
    for seed in 0..<500 {
      var values = RandomValues(seed: UInt64(seed))
      let expected = values.value(depth: 0)
      #expect(value(expected.text) == expected, "seed \(seed): \(expected.text)")
      #expect(!expected.text.contains("\n"))
    }
  }
}

/// Values of all kinds, with texts of one to four bytes a character and the characters that must be escaped.
private struct RandomValues {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func value(depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .number(Double(Int.random(in: -1000...1000, using: &generator)))
    case 3:
      let number = Double(bitPattern: generator.next())
      return .number(number.isFinite ? number : 0.5)
    case 4: return .string(text())
    case 5: return .array((0..<count).map { _ in value(depth: depth + 1) })
    default:
      return .object(
        Dictionary((0..<count).map { _ in (text(), value(depth: depth + 1)) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  private var count: Int {
    mutating get { Int.random(in: 0...4, using: &generator) }
  }

  private mutating func text() -> String {
    let pieces = ["a", "é", "€", "🎵", "\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1F}", "\u{7F}", "\u{2028}", "/"]
    return (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
  }
}
