internal import CKernels
internal import FastKernels
internal import Glibc

/// The first coefficients of the orthonormal DCT-II of a mel spectrum in dB.
struct Cepstrum {
  private let count: Int
  private let bandCount: Int
  /// `[coefficients × bands]`
  private let cosines: [Float]
  private let kernels = Kernels.standard

  init(count: Int, bandCount: Int) {
    self.count = count
    self.bandCount = bandCount
    cosines = (0..<count).flatMap { row in
      let scale = ((row == 0 ? 1 : 2) / Double(bandCount)).squareRoot()
      return (0..<bandCount).map { band in
        Float(scale * cos(.pi * Double(row) * Double(2 * band + 1) / Double(2 * bandCount)))
      }
    }
  }

  /// Writes the coefficients of `levels` (dB, `[bands]`) from `place` on.
  func apply(to levels: [Float], into values: inout [Float], at place: Int) {
    cosines.withUnsafeBufferPointer { cosines in
      levels.withUnsafeBufferPointer { levels in
        for row in 0..<count {
          values[place + row] = kernels.functions.pointee.dot_product(
            cosines.baseAddress! + row * bandCount, levels.baseAddress!, Int32(bandCount))  // both hold bands
        }
      }
    }
  }
}
