import Glibc

/// Triangular filters on Slaney's mel scale, each normalised to unit area (Slaney, "Auditory Toolbox", 1998; the
/// default of librosa's `filters.mel`).
///
/// The matrix `[bands × bins]` is nearly empty, so each band keeps only the bins that its triangle covers.
public struct MelFilterBank: Sendable {
  /// One triangle: where its weights lie in ``MelFilterBank/weights``, and the bin that the first belongs to.
  public struct Band: Sendable {
    public let firstBin: Int
    public let weights: Range<Int>
  }

  public let bands: [Band]
  /// Where each triangle has its top, Hz.
  public let centres: [Double]
  /// The weights of all bands, one after another.
  public let weights: [Float]

  /// - Parameters:
  ///   - binCount: bins of the spectrum, from 0 Hz to the Nyquist frequency.
  ///   - lowest, highest: borders of the filter bank in Hz.
  public init(bandCount: Int, binCount: Int, sampleRate: Double, lowest: Double, highest: Double) {
    let binWidth = sampleRate / 2 / Double(binCount - 1)
    let (low, high) = (Self.mel(lowest), Self.mel(highest))
    let edges = (0..<bandCount + 2).map { Self.hertz(low + (high - low) * Double($0) / Double(bandCount + 1)) }
    var bands: [Band] = []
    var allWeights: [Float] = []
    for band in 0..<bandCount {
      let (left, centre, right) = (edges[band], edges[band + 1], edges[band + 2])
      let area = 2 / (right - left)
      let weights = (0..<binCount).map { bin in
        let frequency = Double(bin) * binWidth
        let rise = (frequency - left) / (centre - left)
        let fall = (right - frequency) / (right - centre)
        return Float(area * max(0, min(rise, fall)))
      }
      let first = weights.firstIndex { $0 > 0 } ?? 0
      let end = (weights.lastIndex { $0 > 0 } ?? -1) + 1
      let start = allWeights.count
      allWeights += weights[first..<max(first, end)]
      bands.append(Band(firstBin: first, weights: start..<allWeights.count))
    }
    self.bands = bands
    centres = Array(edges[1...bandCount])
    weights = allWeights
  }

  /// The energy in each band, `[bands]`, of a spectrum `[bins]`, written from `offset` on.
  public func apply(to spectrum: [Float], into mel: inout [Float], at offset: Int) {
    let bins = spectrum.span
    let allWeights = weights.span
    for index in bands.indices {
      let band = bands[index]
      let weights = allWeights.extracting(band.weights)
      let covered = bins.extracting(band.firstBin..<band.firstBin + weights.count)
      var sum: Float = 0
      for position in weights.indices { sum += weights[position] * covered[position] }
      mel[offset + index] = sum
    }
  }

  // Slaney's scale: linear below 1 kHz (66 2/3 Hz a mel), logarithmic above (27 mels per factor 6.4).
  private static let linearStep = 200.0 / 3
  private static let breakFrequency = 1000.0
  private static let logStep = log(6.4) / 27

  static func mel(_ hertz: Double) -> Double {
    guard hertz >= breakFrequency else { return hertz / linearStep }
    return breakFrequency / linearStep + log(hertz / breakFrequency) / logStep
  }

  static func hertz(_ mel: Double) -> Double {
    let breakMel = breakFrequency / linearStep
    guard mel >= breakMel else { return mel * linearStep }
    return breakFrequency * exp(logStep * (mel - breakMel))
  }
}
