/// The elements of an SVG file that pictures of affect share. Lengths are in pixels.
enum SVG {
  /// `text` as XML character data; characters that XML 1.0 does not allow become U+FFFD.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&apos;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  /// The beginning of a picture on white, with its title.
  static func head(_ title: String, width: Int, height: Int, left: Int) -> [String] {
    [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" "
        + "font-size=\"13\" fill=\"\(AffectStyle.text)\">",
      "<title>\(escaped(title))</title>", "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      text(title, x: left, y: 32, size: 18, isBold: true),
    ]
  }

  static func line(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ color: String, width: String = "1") -> String {
    "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" stroke=\"\(color)\" stroke-width=\"\(width)\"/>"
  }

  static func text(
    _ text: String, x: Int, y: Int, size: Int = 13, anchor: String = "start", color: String = AffectStyle.text,
    isBold: Bool = false
  ) -> String {
    let weight = isBold ? " font-weight=\"bold\"" : ""
    return "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\" text-anchor=\"\(anchor)\" fill=\"\(color)\"\(weight)>"
      + "\(escaped(text))</text>"
  }
}
