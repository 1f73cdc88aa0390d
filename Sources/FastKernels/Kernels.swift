package import CKernels
internal import Glibc

/// The inner loops that the fast networks run on, for one instruction set.
public struct Kernels: Sendable {
  /// `portable`, `avx2` or `avx512`.
  public let name: String
  /// The functions; immutable and there for ever.
  package nonisolated(unsafe) let functions: UnsafePointer<affectd_kernels>  // points to a C constant

  /// Best first.
  private static let names = ["avx512", "avx2", "portable"]

  /// All that this processor runs, best first.
  public static let available: [Kernels] = names.compactMap { name in
    affectd_kernels_named(name).map { Kernels(name: name, functions: $0) }
  }

  /// What the networks use: the best, or the one that the environment variable `AFFECTD_KERNELS` names, if this
  /// processor runs it.
  public static let standard: Kernels = {
    let wanted = getenv("AFFECTD_KERNELS").map { String(cString: $0) }
    return available.first { $0.name == wanted } ?? available[0]  // "portable" runs everywhere
  }()

  /// Columns of a panel of a ``PackedMatrix``.
  package var panelWidth: Int { Int(functions.pointee.panel_width) }

  /// Floats in a vector.
  package var lanes: Int { Int(functions.pointee.lanes) }

  /// Runs about `millions` million multiplications and additions and returns how many there were, for benchmarks.
  public func runPeak(millions: Int) -> Double {
    var sink: Float = 0
    return functions.pointee.peak(millions, &sink)
  }
}
