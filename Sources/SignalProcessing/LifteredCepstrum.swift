internal import Glibc

/// Mel-frequency cepstral coefficients as speech recognition has them (Young and others, "The HTK Book", 2006): those from 1
/// on of the cosine transform of the logarithms of the power in mel bands, each with a weight (liftering) that makes all of
/// them about as large.
public struct LifteredCepstrum: Sendable {
  public let count: Int
  /// `[coefficients × bands]`
  private let cosines: [Float]

  /// - Parameter lifter: the coefficient n is multiplied with `1 + lifter / 2 sin(π n / lifter)`.
  public init(count: Int, bandCount: Int, lifter: Double = 22) {
    self.count = count
    cosines = (1...count).flatMap { row in
      let scale = (2 / Double(bandCount)).squareRoot() * (1 + lifter / 2 * sin(.pi * Double(row) / lifter))
      return (0..<bandCount).map { Float(scale * cos(.pi * Double(row) * (Double($0) + 0.5) / Double(bandCount))) }
    }
  }

  /// Writes the coefficients of `levels` (natural logarithms of power, `[bands]`) from `place` on.
  public func apply(to levels: [Float], into values: inout [Float], at place: Int) {
    let (levels, cosines) = (levels.span, cosines.span)
    for row in 0..<count {
      var sum: Float = 0
      for band in levels.indices { sum += cosines[row * levels.count + band] * levels[band] }
      values[place + row] = sum
    }
  }
}
