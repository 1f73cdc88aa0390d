import Glibc

/// The periodic Hann window: `0.5 - 0.5 cos(2π n / length)` for n in 0..<length.
public func periodicHannWindow(length: Int) -> [Float] {
  (0..<length).map { n in Float(0.5 - 0.5 * cos(2 * Double.pi * Double(n) / Double(length))) }
}
