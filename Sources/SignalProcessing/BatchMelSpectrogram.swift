internal import CKernels
package import FastKernels

/// The mel spectra of many frames, as many at a time as a vector has lanes: the fast version of ``MelSpectrogram`` for
/// frames of a power of two.
package struct BatchMelSpectrogram {
  private let spectrum: BatchSpectrum
  private let takesRoots: Bool
  private let filterBank: MelFilterBank
  private var sums: [Float]

  /// Where each band has its top, Hz.
  package var centres: [Double] { filterBank.centres }

  package var frameLength: Int { spectrum.frameLength }
  package var frameStep: Int { spectrum.frameStep }

  /// Frames that are computed at once.
  package var lanes: Int { spectrum.lanes }

  package init(
    frameLength: Int, frameStep: Int, bandCount: Int, sampleRate: Double, magnitude: MelSpectrogram.Magnitude,
    kernels: Kernels = .standard
  ) {
    spectrum = BatchSpectrum(frameLength: frameLength, frameStep: frameStep, kernels: kernels)
    takesRoots = magnitude == .amplitude
    filterBank = MelFilterBank(
      bandCount: bandCount, binCount: spectrum.binCount, sampleRate: sampleRate, lowest: 0, highest: sampleRate / 2)
    sums = Array(repeating: 0, count: kernels.lanes)
  }

  /// Computes ``lanes`` frames of `audio`, the first from sample `start` on; samples past the end count as zero.
  ///
  /// - Parameter emit: called for each band with its values, `[lanes]`.
  package mutating func compute(_ audio: Span<Float>, startingAt start: Int, emit: (_ band: Int, [Float]) -> Void) {
    spectrum.compute(audio, startingAt: start)
    let functions = spectrum.kernels.functions.pointee
    let (spectra, lanes) = (spectrum.spectra, lanes)
    if takesRoots { functions.square_roots(spectra.pointer, Int32(spectrum.binCount)) }
    filterBank.weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for index in filterBank.bands.indices {
        let band = filterBank.bands[index]
        functions.combine_rows(
          spectra.pointer + band.firstBin * lanes, lanes, Int32(band.weights.count),
          Int32(lanes), weights + band.weights.lowerBound, 0, 1, &sums, 0)
        emit(index, sums)
      }
    }
  }
}
