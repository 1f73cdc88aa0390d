/// Numbers as people read them in tables.
enum NumberText {
  /// Stands for what is undefined.
  static let undefined = "–"

  /// `value` with `digits` digits after the decimal point; ``undefined`` for nil and what is not finite.
  static func fixed(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return undefined }
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let scaled = (abs(value) * scale).rounded()
    // Beyond 2^53 there are no digits after the point.
    guard scaled < 0x1p53 else { return "\(value)" }
    let units = Int(scaled)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let fraction = String(units % Int(scale))
    return "\(sign)\(units / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }

  /// Such as `0.71 [0.65, 0.76]`.
  static func fixed(_ value: Double?, _ interval: Interval?, _ digits: Int) -> String {
    guard value != nil, let interval else { return fixed(value, digits) }
    return "\(fixed(value, digits)) [\(fixed(interval.lower, digits)), \(fixed(interval.upper, digits))]"
  }

  /// Such as `0.150 ± 0.070`.
  static func fixed(_ value: MeanAndDeviation?, _ digits: Int) -> String {
    guard let value else { return undefined }
    return "\(fixed(value.mean, digits)) ± \(fixed(value.deviation, digits))"
  }
}
