extension Double {
  /// The number with `digits` digits after the decimal point, 0...15, such as `-0.50`; no zero has a sign.
  package func fixed(_ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let scaled = (magnitude * scale).rounded()
    // Beyond 2^53 there are no digits after the point; and what is not finite has none.
    guard scaled < 0x1p53 else { return "\(self)" }
    let units = Int(scaled)
    let sign = self < 0 && units > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let fraction = String(units % Int(scale))
    return "\(sign)\(units / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
