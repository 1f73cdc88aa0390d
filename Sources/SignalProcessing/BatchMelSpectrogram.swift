internal import CKernels
package import FastKernels
internal import Glibc

/// The mel spectra of many frames, as many at a time as a vector has lanes: the fast version of ``MelSpectrogram`` for
/// frames of a power of two.
package struct BatchMelSpectrogram {
  package let frameLength: Int
  /// Samples from one frame to the next.
  package let frameStep: Int

  private let takesRoots: Bool
  private let filterBank: MelFilterBank
  private let window: [Float]
  /// cos and -sin of `2π k / frameLength`, for k below half the length.
  private let turns: [Float]
  /// Numbers below half the length with their bits reversed.
  private let order: [Int32]
  private let kernels: Kernels
  private let workspace: AlignedBuffer
  private let spectra: AlignedBuffer
  /// What the last frames read beyond the end of the audio is zero.
  private let padded: AlignedBuffer
  private var sums: [Float]

  /// Where each band has its top, Hz.
  package var centres: [Double] { filterBank.centres }

  /// Frames that are computed at once.
  package var lanes: Int { kernels.lanes }

  package init(
    frameLength: Int, frameStep: Int, bandCount: Int, sampleRate: Double, magnitude: MelSpectrogram.Magnitude,
    kernels: Kernels = .standard
  ) {
    precondition(frameLength >= 4 && frameLength & (frameLength - 1) == 0)
    self.frameLength = frameLength
    self.frameStep = frameStep
    self.kernels = kernels
    takesRoots = magnitude == .amplitude
    window = periodicHannWindow(length: frameLength)
    let half = frameLength / 2
    filterBank = MelFilterBank(
      bandCount: bandCount, binCount: half + 1, sampleRate: sampleRate, lowest: 0, highest: sampleRate / 2)
    let angles = (0..<half).map { 2 * Double.pi * Double($0) / Double(frameLength) }
    turns = angles.map { Float(cos($0)) } + angles.map { Float(-sin($0)) }
    let bits = half.trailingZeroBitCount
    order = (0..<half).map { index in
      (0..<bits).reduce(Int32(0)) { $0 | Int32(index >> $1 & 1) << Int32(bits - 1 - $1) }
    }
    workspace = AlignedBuffer(count: frameLength * kernels.lanes)
    spectra = AlignedBuffer(count: (half + 1) * kernels.lanes)
    padded = AlignedBuffer(count: (kernels.lanes - 1) * frameStep + frameLength)
    sums = Array(repeating: 0, count: kernels.lanes)
  }

  /// Computes ``lanes`` frames of `audio`, the first from sample `start` on; samples past the end count as zero.
  ///
  /// - Parameter emit: called for each band with its values, `[lanes]`.
  package mutating func compute(_ audio: Span<Float>, startingAt start: Int, emit: (_ band: Int, [Float]) -> Void) {
    let count = max(0, min(padded.count, audio.count - start))
    for index in 0..<count { padded.pointer[index] = audio[start + index] }
    (padded.pointer + count).update(repeating: 0, count: padded.count - count)
    let functions = kernels.functions.pointee
    functions.power_spectra(
      padded.pointer, frameStep, window, Int32(frameLength), turns, order, workspace.pointer, spectra.pointer)
    if takesRoots { functions.square_roots(spectra.pointer, Int32(frameLength / 2 + 1)) }
    filterBank.weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for index in filterBank.bands.indices {
        let band = filterBank.bands[index]
        functions.combine_rows(
          spectra.pointer + band.firstBin * kernels.lanes, kernels.lanes, Int32(band.weights.count),
          Int32(kernels.lanes), weights + band.weights.lowerBound, 0, 1, &sums, 0)
        emit(index, sums)
      }
    }
  }
}
