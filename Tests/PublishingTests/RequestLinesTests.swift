import Platform
import Publishing
import TestSupport
import Testing

@Suite struct RequestLinesTests {
  private func lines(_ parts: [String], limit: Int = 100) -> [String] {
    var lines = RequestLines(limit: limit)
    return parts.flatMap { lines.take(Array($0.utf8)) }.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func linesEndWithLineFeeds() {
    #expect(lines(["one\ntwo\n\nthree"]) == ["one", "two", ""])
    #expect(lines(["windows\r\n"]) == ["windows\r"])
    #expect(lines([""]) == [])
  }

  @Test func whatIsSentInPiecesIsPutTogether() {
    #expect(lines(["o", "", "ne\nt", "wo", "\n"]) == ["one", "two"])
  }

  @Test func aLineThatIsTooLongIsCutWhereItCanBeSeen() {
    let long = String(repeating: "x", count: 1_000_000)
    // Ten bytes are allowed, so eleven say that there were more.
    #expect(lines([long, long, "\nshort\n"], limit: 10) == [String(repeating: "x", count: 11), "short"])
    #expect(lines(["0123456789\n"], limit: 10) == ["0123456789"])
  }

  @Test func howABytesArriveDoesNotMatter() {
    var generator = SeededGenerator(seed: 2)
    let text = (0..<500).map { _ in ["a", "b", "\n"].randomElement(using: &generator) ?? "" }.joined()
    let expected = lines([text], limit: 4)
    #expect(expected.count > 100)
    for _ in 0..<50 {
      var rest = Substring(text)
      var parts: [String] = []
      while !rest.isEmpty {
        let part = rest.prefix(Int.random(in: 1...20, using: &generator))
        parts.append(String(part))
        rest = rest.dropFirst(part.count)
      }
      #expect(lines(parts, limit: 4) == expected)
    }
  }
}
