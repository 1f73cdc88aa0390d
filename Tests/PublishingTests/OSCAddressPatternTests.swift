import Platform
import Publishing
import TestSupport
import Testing

/// OSC 1.0, "OSC message dispatching and pattern matching".
@Suite struct OSCAddressPatternTests {
  @Test(arguments: [
    // Every other character matches itself.
    ("/", "/"), ("/foo", "/foo"), ("/a/b/cde", "/a/b/cde"), ("/a]}!-,b", "/a]}!-,b"), ("/é", "/é"),
    // The pattern of the specification's examples ("OSC address patterns").
    ("/?/b/*c", "/a/b/c"), ("/?/b/*c", "/x/b/abc"), ("/?/b/*c", "/x/b/cc"),
    ("/a?c", "/abc"), ("/a?c", "/aéc"), ("/???", "/abc"),
    ("/*", "/"), ("/*", "/a"), ("/a*", "/a"), ("/a*", "/abc"), ("/*c", "/abc"), ("/a*c*e", "/abcde"), ("/**", "/a"),
    ("/*/*", "/a/b"), ("/*a*", "/bab"),
    ("/[abc]", "/b"), ("/[a-c]", "/b"), ("/[a-c]", "/a"), ("/[a-c]", "/c"), ("/x[0-9][0-9]", "/x42"),
    ("/[a-cx-z]", "/y"), ("/[a-c9]", "/9"),
    // "A minus sign at the end of the string has no special meaning."
    ("/[a-]", "/-"), ("/[a-]", "/a"), ("/[-a]", "/-"), ("/[a-c-]", "/-"),
    ("/[!abc]", "/d"), ("/[!a-c]", "/d"), ("/[!]", "/a"),
    // "An exclamation point anywhere besides the first character after the open bracket has no special meaning."
    ("/[a!]", "/!"), ("/[!!]", "/a"),
    ("/[*?{]", "/*"), ("/[*?{]", "/{"),
    ("/{foo,bar}", "/foo"), ("/{foo,bar}", "/bar"), ("/{foo}", "/foo"), ("/x{foo,bar}y", "/xbary"),
    ("/{a,ab}c", "/abc"), ("/{a,ab}bc", "/abc"), ("/{a,}b", "/b"), ("/{}", "/"), ("/{*}", "/*"),
    ("/affect/{mute,hold}/[0-9]*", "/affect/hold/12"), ("/*{a,b}?", "/xxbz"),
  ])
  func patternsMatch(_ pattern: String, _ address: String) {
    #expect(OSCAddressPattern(pattern).matches(address))
  }

  @Test(arguments: [
    ("/", "/a"), ("/foo", "/fo"), ("/foo", "/fooo"), ("/foo", "/Foo"), ("/foo", "/foo/"), ("/foo/", "/foo"),
    ("/?/b/*c", "/ab/b/c"), ("/?/b/*c", "//b/c"), ("/?/b/*c", "/a/b/cd"), ("/?/b/*c", "/a/b"),
    ("/a?c", "/ac"), ("/a?c", "/abbc"), ("/?", "/"),
    // Wildcards do not reach over a slash.
    ("/*", "/a/b"), ("/a*b", "/a/b"), ("/a?b", "/a/b"), ("/a[/]b", "/a/b"), ("/a[!x]b", "/a/b"), ("/*", "//"),
    ("/a*c*e", "/abcd"), ("/*c", "/cb"),
    ("/[a-c]", "/d"), ("/[a-c]", "/-"), ("/[a-c]", "/bb"), ("/[a-c]", "/"), ("/[c-a]", "/b"), ("/[]", "/a"),
    ("/[!a-c]", "/b"), ("/[!a-c]", "/"), ("/[!!]", "/!"), ("/[a!]", "/b"),
    ("/{foo,bar}", "/baz"), ("/{foo,bar}", "/foobar"), ("/{foo,bar}", "/foo,bar"), ("/{foo,bar}", "/"),
    ("/{*}", "/a"), ("/{a,b", "/a"),
  ])
  func patternsDoNotMatch(_ pattern: String, _ address: String) {
    #expect(!OSCAddressPattern(pattern).matches(address))
  }

  /// Not even the address that is written like them.
  @Test(arguments: ["", "foo", "*", "/[abc", "/a[", "/{foo,bar", "/{", "/{a/b}", "/a/[b/c", "/[a]/{b"])
  func malformedPatternsMatchNothing(_ pattern: String) {
    for address in [pattern, "/", "/a", "/foo", "/a/b", "/abc"] {
      #expect(!OSCAddressPattern(pattern).matches(address), "\(address)")
    }
  }

  @Test(arguments: ["", "foo", " /foo"])
  func whatDoesNotBeginWithASlashIsNoAddress(_ address: String) {
    #expect(!OSCAddressPattern("/*").matches(address))
    #expect(!OSCAddressPattern("/foo").matches(address))
  }

  /// Trying one way of matching after the other, these would not end in a lifetime.
  @Test func theWorkIsBounded() {
    let run = "/" + String(repeating: "a", count: 2000)
    for star in ["*a", "{a,aa}", "{,a}", "*[a-z]", "*?", "**"] {
      let pattern = "/" + String(repeating: star, count: 50)
      #expect(!OSCAddressPattern(pattern + "b").matches(run), "\(star)")
      #expect(OSCAddressPattern(pattern + "*b").matches(run + "b"), "\(star)")
    }
    #expect(!OSCAddressPattern("/*a*a*a*a*a*a*a*b").matches(run))
  }

  /// Against the definition, written down as it stands: slow, but easy to believe.
  @Test func randomPatternsMatchAsTheDefinitionSays() {
    var generator = SeededGenerator(seed: 5)
    var matched = 0
    for _ in 0..<20_000 {
      let pattern = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
        ["a", "b", "*", "?", "[ab]", "[!a]", "{a,ab}", "{,b}"].randomElement(using: &generator) ?? ""
      }
      let name = String(
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          ["a", "b", "c"].randomElement(using: &generator) ?? "a"
        })
      let expected = Self.matches(pattern[...], name[...])
      if expected { matched += 1 }
      #expect(
        OSCAddressPattern("/" + pattern.joined()).matches("/" + name) == expected, "\(pattern.joined()) and \(name)")
    }
    #expect(matched > 1000)
  }

  private static func matches(_ pattern: ArraySlice<String>, _ name: Substring) -> Bool {
    guard let element = pattern.first else { return name.isEmpty }
    let rest = pattern.dropFirst()
    func one(_ characters: String) -> Bool {
      name.first.map { characters.contains($0) && matches(rest, name.dropFirst()) } ?? false
    }
    func string(_ text: String) -> Bool { name.hasPrefix(text) && matches(rest, name.dropFirst(text.count)) }
    return switch element {
    case "*": (0...name.count).contains { matches(rest, name.dropFirst($0)) }
    case "?": one("abc")
    case "[ab]": one("ab")
    case "[!a]": one("bc")
    case "{a,ab}": string("a") || string("ab")
    case "{,b}": string("") || string("b")
    default: string(element)
    }
  }
}
