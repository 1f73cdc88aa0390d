internal import SignalProcessing

/// The frames that ``LibrosaFeatures`` and ``LogMelPatch`` are made of.
enum LibrosaFrames {
  static let sampleRate = 22_050
  /// Samples of a frame, and from one to the next.
  static let length = 2048
  static let step = 512
  /// Of the mel spectrum.
  static let bandCount = 128
  /// What lies further below the loudest of a window counts as so far below it (dB).
  static let dynamicRange: Float = 80

  static func makeSpectra() -> FilteredSpectra {
    FilteredSpectra(frameLength: length, frameStep: step, sampleRate: Double(sampleRate))
  }

  static func makeMelBank() -> MelFilterBank {
    MelFilterBank(
      bandCount: bandCount, binCount: length / 2 + 1, sampleRate: Double(sampleRate), lowest: 0,
      highest: Double(sampleRate) / 2)
  }
}
