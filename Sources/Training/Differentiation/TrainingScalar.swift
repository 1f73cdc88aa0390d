internal import COpenBLAS
internal import Glibc

/// The numbers that networks are trained in: `Float`, and `Double` where gradients are checked.
public protocol TrainingScalar: BinaryFloatingPoint, Sendable {
  static func exponential(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
  static func hyperbolicTangent(_ x: Self) -> Self
  static func errorFunction(_ x: Self) -> Self

  /// A product of row-major matrices: `result = factor × left × right`, added to what `result` holds if `accumulating`.
  ///
  /// - Parameters:
  ///   - left: `[rows × depth]`, or `[depth × rows]` if `transposingLeft`; from row to row it is `leftStride`.
  ///   - right: `[depth × columns]`, or `[columns × depth]` if `transposingRight`.
  ///   - result: `[rows × columns]`, not read unless `accumulating`.
  static func multiply(
    _ left: UnsafePointer<Self>, stride leftStride: Int, transposingLeft: Bool,
    _ right: UnsafePointer<Self>, stride rightStride: Int, transposingRight: Bool,
    rows: Int, columns: Int, depth: Int, factor: Self,
    into result: UnsafeMutablePointer<Self>, stride: Int, accumulating: Bool)
}

extension Float: TrainingScalar {
  public static func exponential(_ x: Float) -> Float { expf(x) }
  public static func logarithm(_ x: Float) -> Float { logf(x) }
  /// By the exponential, four times as fast as the library's: exact to 1e-7, but not relative to small values.
  public static func hyperbolicTangent(_ x: Float) -> Float { 1 - 2 / (1 + expf(2 * x)) }
  public static func errorFunction(_ x: Float) -> Float { erff(x) }

  public static func multiply(
    _ left: UnsafePointer<Float>, stride leftStride: Int, transposingLeft: Bool,
    _ right: UnsafePointer<Float>, stride rightStride: Int, transposingRight: Bool,
    rows: Int, columns: Int, depth: Int, factor: Float,
    into result: UnsafeMutablePointer<Float>, stride: Int, accumulating: Bool
  ) {
    cblas_sgemm(
      CblasRowMajor, transposingLeft ? CblasTrans : CblasNoTrans, transposingRight ? CblasTrans : CblasNoTrans,
      Int32(rows), Int32(columns), Int32(depth), factor, left, Int32(leftStride), right, Int32(rightStride),
      accumulating ? 1 : 0, result, Int32(stride))
  }
}

extension Double: TrainingScalar {
  public static func exponential(_ x: Double) -> Double { exp(x) }
  public static func logarithm(_ x: Double) -> Double { log(x) }
  public static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  public static func errorFunction(_ x: Double) -> Double { erf(x) }

  public static func multiply(
    _ left: UnsafePointer<Double>, stride leftStride: Int, transposingLeft: Bool,
    _ right: UnsafePointer<Double>, stride rightStride: Int, transposingRight: Bool,
    rows: Int, columns: Int, depth: Int, factor: Double,
    into result: UnsafeMutablePointer<Double>, stride: Int, accumulating: Bool
  ) {
    cblas_dgemm(
      CblasRowMajor, transposingLeft ? CblasTrans : CblasNoTrans, transposingRight ? CblasTrans : CblasNoTrans,
      Int32(rows), Int32(columns), Int32(depth), factor, left, Int32(leftStride), right, Int32(rightStride),
      accumulating ? 1 : 0, result, Int32(stride))
  }
}

/// The logistic function 1 / (1 + exp(-x)).
@inline(__always)
func logistic<Scalar: TrainingScalar>(_ x: Scalar) -> Scalar { 1 / (1 + Scalar.exponential(-x)) }
