internal import Glibc

/// Candidates for the fundamental frequency of a frame: each frequency is as good as the harmonics above it are strong,
/// the higher ones counting less (Hermes, "Measurement of pitch by subharmonic summation", 1988).
///
/// The spectrum is reduced to its peaks, smoothed, laid on a logarithmic axis and weighted as the ear does it; then shifted
/// copies of it are added up.
public struct SubharmonicSummation: Sendable {
  /// Values that are told of a frame: frequency in Hz and voicing of each candidate, the best first. A frequency of 0 is no
  /// candidate.
  public static let valueCount = 2 * candidateCount
  public static let candidateCount = 6

  /// Of the fundamental frequency, Hz.
  public static let range = 55.0...1000.0

  private static let lowest = 25.0
  private static let pointsPerOctave = 48
  private static let harmonics = 15
  /// What a harmonic counts, compared with the one below.
  private static let compression = 0.85

  /// Where on the spectrum each point lies, and the weights of the four bins around it.
  private let bins: [Int]
  private let interpolation: [SIMD4<Float>]
  /// Of the points that are candidates.
  private let points: Range<Int>
  /// How many points further up each harmonic lies, and what it counts.
  private let shifts: [Shift]

  private struct Shift {
    let distance: Int
    let weight: Float
  }

  private var peaks: [Float]
  private var smooth: [Float]
  private var spectrum: [Float]
  private var sums: [Float]

  /// - Parameter frameLength: samples of the Fourier transform.
  public init(frameLength: Int, sampleRate: Double) {
    let binCount = frameLength / 2 + 1
    let count = Int((log2(sampleRate / 2 / Self.lowest) * Double(Self.pointsPerOctave)).rounded(.up))
    let octaves = (0..<count).map { Double($0) / Double(Self.pointsPerOctave) }
    let places = octaves.map { Self.lowest * exp2($0) * Double(frameLength) / sampleRate }
    // Four bins have to be there.
    bins = places.map { min(max(Int($0), 1), binCount - 3) }
    interpolation = zip(places, octaves).enumerated().map { index, point in
      // The sensitivity of the ear, over the octaves.
      let weight = 0.5 + atan(3 * point.1 - 4) / .pi
      return Self.cubic(at: point.0 - Double(min(max(Int(point.0), 1), binCount - 3))) * Float(weight)
    }
    let first = Int((log2(Self.range.lowerBound / Self.lowest) * Double(Self.pointsPerOctave)).rounded(.up))
    let last = Int(log2(Self.range.upperBound / Self.lowest) * Double(Self.pointsPerOctave))
    points = first..<last + 1
    shifts = (1...Self.harmonics).map { harmonic in
      Shift(
        distance: Int((log2(Double(harmonic)) * Double(Self.pointsPerOctave)).rounded()),
        weight: Float(pow(Self.compression, Double(harmonic - 1))))
    }
    peaks = Array(repeating: 0, count: binCount)
    smooth = peaks
    spectrum = Array(repeating: 0, count: count)
    sums = spectrum
  }

  /// Weights of four values at -1, 0, 1 and 2 for the one at `place` (Catmull and Rom, 1974).
  private static func cubic(at place: Double) -> SIMD4<Float> {
    let (t, t2, t3) = (Float(place), Float(place * place), Float(place * place * place))
    return SIMD4(-0.5 * t + t2 - 0.5 * t3, 1 - 2.5 * t2 + 1.5 * t3, 0.5 * t + 2 * t2 - 1.5 * t3, 0.5 * (t3 - t2))
  }

  /// Writes the candidates from `place` on, ``valueCount`` values.
  ///
  /// - Parameter amplitude: `[bins]`
  public mutating func apply(to amplitude: [Float], into values: inout [Float], at place: Int) {
    Self.findPeaks(of: amplitude, into: &peaks)
    Self.smooth(peaks, into: &smooth)
    Self.lay(smooth, bins, interpolation, into: &spectrum)
    Self.add(spectrum, shifts, into: &sums)
    writeCandidates(into: &values, at: place)
  }

  /// Peaks with two bins to each side; all else is 0.
  private static func findPeaks(of amplitude: [Float], into peaks: inout [Float]) {
    let amplitude = amplitude.span
    var peaks = peaks.mutableSpan
    for bin in peaks.indices { peaks[bin] = 0 }
    for bin in 1..<amplitude.count - 1
    where amplitude[bin] > amplitude[bin - 1] && amplitude[bin] >= amplitude[bin + 1] {
      for near in max(bin - 2, 0)...min(bin + 2, amplitude.count - 1) { peaks[near] = amplitude[near] }
    }
  }

  private static func smooth(_ peaks: [Float], into smooth: inout [Float]) {
    let peaks = peaks.span
    var smooth = smooth.mutableSpan
    let last = peaks.count - 1
    smooth[0] = 0.5 * peaks[0] + 0.25 * peaks[1]
    smooth[last] = 0.5 * peaks[last] + 0.25 * peaks[last - 1]
    for bin in 1..<last { smooth[bin] = 0.25 * (peaks[bin - 1] + peaks[bin + 1]) + 0.5 * peaks[bin] }
  }

  /// On the logarithmic axis.
  private static func lay(
    _ smooth: [Float], _ bins: [Int], _ interpolation: [SIMD4<Float>], into spectrum: inout [Float]
  ) {
    for point in bins.indices {
      let bin = bins[point]
      let near = SIMD4(smooth[bin - 1], smooth[bin], smooth[bin + 1], smooth[bin + 2])
      spectrum[point] = max((near * interpolation[point]).sum(), 0)
    }
  }

  private static func add(_ spectrum: [Float], _ shifts: [Shift], into sums: inout [Float]) {
    let spectrum = spectrum.span
    var sums = sums.mutableSpan
    for point in sums.indices { sums[point] = 0 }
    for shift in shifts where shift.distance < sums.count {
      for point in 0..<sums.count - shift.distance {
        sums[point] += shift.weight * spectrum[point + shift.distance]
      }
    }
  }

  /// The peaks of the sums. Voicing is how far a peak stands out of the mean.
  private func writeCandidates(into values: inout [Float], at place: Int) {
    let sums = sums.span
    var best = InlineArray<6, (score: Float, octave: Float)>(repeating: (0, 0))
    for point in points where sums[point] > sums[point - 1] && sums[point] >= sums[point + 1] {
      let (left, here, right) = (sums[point - 1], sums[point], sums[point + 1])
      // The vertex of the parabola through the three.
      let curvature = left - 2 * here + right
      let shift = curvature < 0 ? 0.5 * (left - right) / curvature : 0
      let score = here - 0.25 * (left - right) * shift
      var rank = Self.candidateCount
      while rank > 0, best[rank - 1].score < score {
        if rank < Self.candidateCount { best[rank] = best[rank - 1] }
        rank -= 1
      }
      if rank < Self.candidateCount { best[rank] = (score, (Float(point) + shift) / Float(Self.pointsPerOctave)) }
    }
    var mean: Float = 0
    for point in sums.indices { mean += sums[point] }
    mean /= Float(sums.count)
    for rank in 0..<Self.candidateCount {
      let (score, octave) = best[rank]
      values[place + 2 * rank] = score > 0 ? Float(Self.lowest) * exp2f(octave) : 0
      values[place + 2 * rank + 1] = score > 0 ? 1 - mean / score : 0
    }
  }
}
