internal import Glibc

extension MelFilterBank {
  /// Triangles of height 1 that are straight over the mel scale of speech recognition, `1127 ln(1 + f / 700)` (Young and
  /// others, "The HTK Book", 2006), as the bands of hearing in Eyben, "Real-time Speech and Music Classification by Large
  /// Audio Feature Space Extraction", 2016.
  ///
  /// The bins up to the one that is nearest to `lowest` are left out. No paper says so; openSMILE's output does.
  ///
  /// - Parameters:
  ///   - count: bands.
  ///   - binCount: bins of the spectrum, from 0 Hz to the Nyquist frequency.
  ///   - lowest, highest: borders of the filter bank in Hz.
  public init(unitTriangles count: Int, binCount: Int, sampleRate: Double, lowest: Double, highest: Double) {
    func mel(_ hertz: Double) -> Double { 1127 * log1p(hertz / 700) }
    let binWidth = sampleRate / 2 / Double(binCount - 1)
    let (low, high) = (mel(lowest), mel(highest))
    let edges = (0..<count + 2).map { low + (high - low) * Double($0) / Double(count + 1) }
    let begin = Int((lowest / binWidth).rounded()) + 1
    var bands: [Band] = []
    var weights: [Float] = []
    for band in 0..<count {
      let triangle = (begin..<binCount).map { bin in
        let place = mel(Double(bin) * binWidth)
        let rise = (place - edges[band]) / (edges[band + 1] - edges[band])
        let fall = (edges[band + 2] - place) / (edges[band + 2] - edges[band + 1])
        return Float(max(0, min(rise, fall)))
      }
      let first = triangle.firstIndex { $0 > 0 } ?? 0
      let end = (triangle.lastIndex { $0 > 0 } ?? -1) + 1
      let start = weights.count
      weights += triangle[first..<max(first, end)]
      bands.append(Band(firstBin: begin + first, weights: start..<weights.count))
    }
    self.bands = bands
    self.weights = weights
    centres = edges[1...count].map { 700 * expm1($0 / 1127) }
  }
}
