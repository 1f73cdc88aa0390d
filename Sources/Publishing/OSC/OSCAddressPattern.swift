/// A pattern that names any number of addresses (OSC 1.0, "OSC message dispatching and pattern matching").
///
/// Pattern and address are divided at their slashes; they match if they have as many parts and each part of the
/// pattern matches its part of the address. In a part,
/// - `?` stands for one character, `*` for any number of them;
/// - `[a-z0]` for one of those characters, `[!a-z0]` for one other than those; a minus at either end stands for itself;
/// - `{foo,bar}` for one of those strings;
/// - any other character for itself.
///
/// A character is a Unicode scalar; the specification knows ASCII only. The `//` of OSC 1.1 is not supported.
public struct OSCAddressPattern: Sendable {
  public let text: String
  /// Nil if the pattern is malformed.
  private let parts: [[Element]]?

  private enum Element {
    case one(Unicode.Scalar)
    case anyOne
    case anyNumber
    case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)
    case string([[Unicode.Scalar]])
  }

  /// A pattern that does not begin with a slash, or that has a bracket or a brace without its end in the same part, is
  /// malformed and matches nothing.
  public init(_ text: String) {
    self.text = text
    parts = Self.parts(of: text).flatMap { parts in
      let elements = parts.compactMap(Self.elements)
      return elements.count == parts.count ? elements : nil
    }
  }

  /// Whether `address` is one of those that the pattern names. The work grows with the product of the two lengths at
  /// most.
  public func matches(_ address: String) -> Bool {
    guard let parts, let names = Self.parts(of: address), parts.count == names.count else { return false }
    return zip(parts, names).allSatisfy { Self.matches($0, $1) }
  }

  /// What stands between the slashes; nil if the first character is not a slash.
  private static func parts(of text: String) -> [[Unicode.Scalar]]? {
    guard text.unicodeScalars.first == "/" else { return nil }
    return text.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(Array.init)
  }

  /// The elements of a part, nil if a bracket or a brace does not end.
  private static func elements(of part: [Unicode.Scalar]) -> [Element]? {
    var elements: [Element] = []
    var rest = part[...]
    while let character = rest.popFirst() {
      switch character {
      case "?": elements.append(.anyOne)
      case "*": elements.append(.anyNumber)
      case "[":
        guard let end = rest.firstIndex(of: "]") else { return nil }
        elements.append(oneOf(rest[..<end]))
        rest = rest[(end + 1)...]
      case "{":
        guard let end = rest.firstIndex(of: "}") else { return nil }
        elements.append(.string(rest[..<end].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)))
        rest = rest[(end + 1)...]
      default: elements.append(.one(character))
      }
    }
    return elements
  }

  /// What stands in brackets. A range that runs downwards holds nothing.
  private static func oneOf(_ text: ArraySlice<Unicode.Scalar>) -> Element {
    var rest = text
    let negated = rest.first == "!"
    if negated { rest.removeFirst() }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let first = rest.popFirst() {
      guard rest.first == "-", let last = rest.dropFirst().first else {
        ranges.append(first...first)
        continue
      }
      if first <= last { ranges.append(first...last) }
      rest = rest.dropFirst(2)
    }
    return .oneOf(ranges, negated: negated)
  }

  /// Follows all ways of matching at once instead of one after the other, which could take exponential time.
  private static func matches(_ elements: [Element], _ name: [Unicode.Scalar]) -> Bool {
    // Whether the elements so far can match the first n characters, for each n from 0 to all.
    var reached = [true] + Array(repeating: false, count: name.count)
    for element in elements {
      guard let first = reached.firstIndex(of: true) else { return false }
      var next = Array(repeating: false, count: reached.count)
      switch element {
      case .one(let character):
        for start in first..<name.count where reached[start] { next[start + 1] = name[start] == character }
      case .anyOne:
        for start in first..<name.count { next[start + 1] = reached[start] }
      case .anyNumber:
        for end in first...name.count { next[end] = true }
      case .oneOf(let ranges, let negated):
        for start in first..<name.count where reached[start] {
          next[start + 1] = ranges.contains { $0.contains(name[start]) } != negated
        }
      case .string(let choices):
        for start in first...name.count where reached[start] {
          for choice in choices where name[start...].starts(with: choice) { next[start + choice.count] = true }
        }
      }
      reached = next
    }
    return reached[name.count]
  }
}
