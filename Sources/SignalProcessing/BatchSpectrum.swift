internal import CKernels
package import FastKernels
internal import Glibc

/// The power spectra of many frames under a window, as many at a time as a vector has lanes; the fast version of ``RealFFT``
/// for frames of a power of two.
package struct BatchSpectrum {
  package let frameLength: Int
  /// Samples from one frame to the next.
  package let frameStep: Int
  /// `[bins × lanes]`, of the last frames.
  let spectra: AlignedBuffer

  private let window: [Float]
  /// cos and -sin of `2π k / frameLength`, for k below half the length.
  private let turns: [Float]
  /// Numbers below half the length with their bits reversed.
  private let order: [Int32]
  let kernels: Kernels
  private let workspace: AlignedBuffer
  /// What the last frames read beyond the end of the audio is zero.
  private let padded: AlignedBuffer

  /// Frames that are computed at once.
  package var lanes: Int { kernels.lanes }
  package var binCount: Int { frameLength / 2 + 1 }

  /// - Parameter window: `[frameLength]`, nil for the periodic Hann window. One that ends in zeros makes frames that are
  ///   shorter than `frameLength`.
  package init(frameLength: Int, frameStep: Int, window: [Float]? = nil, kernels: Kernels = .standard) {
    precondition(frameLength >= 4 && frameLength & (frameLength - 1) == 0)
    precondition(window == nil || window?.count == frameLength)
    self.frameLength = frameLength
    self.frameStep = frameStep
    self.kernels = kernels
    self.window = window ?? periodicHannWindow(length: frameLength)
    let half = frameLength / 2
    let angles = (0..<half).map { 2 * Double.pi * Double($0) / Double(frameLength) }
    turns = angles.map { Float(cos($0)) } + angles.map { Float(-sin($0)) }
    let bits = half.trailingZeroBitCount
    order = (0..<half).map { index in
      (0..<bits).reduce(Int32(0)) { $0 | Int32(index >> $1 & 1) << Int32(bits - 1 - $1) }
    }
    workspace = AlignedBuffer(count: frameLength * kernels.lanes)
    spectra = AlignedBuffer(count: (half + 1) * kernels.lanes)
    padded = AlignedBuffer(count: (kernels.lanes - 1) * frameStep + frameLength)
  }

  /// Computes ``lanes`` frames of `audio`, the first from sample `start` on; samples past the end count as zero.
  package func compute(_ audio: Span<Float>, startingAt start: Int) {
    let count = max(0, min(padded.count, audio.count - start))
    for index in 0..<count { padded.pointer[index] = audio[start + index] }
    (padded.pointer + count).update(repeating: 0, count: padded.count - count)
    kernels.functions.pointee.power_spectra(
      padded.pointer, frameStep, window, Int32(frameLength), turns, order, workspace.pointer, spectra.pointer)
  }
}
