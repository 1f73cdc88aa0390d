internal import Affect

/// Numbers as people read them in tables.
package enum NumberText {
  /// Stands for what is undefined.
  static let undefined = "–"

  /// `value` with `digits` digits after the decimal point; ``undefined`` for nil and what is not finite.
  package static func fixed(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return undefined }
    return value.fixed(digits)
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
