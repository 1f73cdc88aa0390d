internal import CKernels
internal import FastKernels
internal import Glibc

/// How much of each bin of a spectrum belongs to each of the twelve pitch classes: a Gaussian around the pitch in every
/// octave, weighted by a Gaussian over the octaves (Ellis, "Chroma feature analysis and synthesis", 2007; librosa's
/// `filters.chroma` with a tuning of 0).
public struct ChromaFilterBank: Sendable {
  /// From C upwards in semitones.
  public static let count = 12

  /// `[12 × bins]`.
  private let weights: [Float]
  private let binCount: Int
  private let kernels = Kernels.standard

  /// The middle of the octaves that count, above 27.5 Hz, and their spread; both in octaves.
  private static let (centreOctave, octaveWidth) = (5.0, 2.0)

  /// - Parameter frameLength: samples of a frame.
  public init(frameLength: Int, sampleRate: Double) {
    binCount = frameLength / 2 + 1
    // In semitones above A0. The bin of 0 Hz lies one and a half octaves below the next.
    var pitches = (0..<frameLength).map { 12 * log2(Double($0) * sampleRate / Double(frameLength) / 27.5) }
    pitches[0] = pitches[1] - 18
    var weights = [Float](repeating: 0, count: Self.count * binCount)
    for bin in 0..<binCount {
      let width = bin + 1 < frameLength ? max(pitches[bin + 1] - pitches[bin], 1) : 1
      let column = (0..<Self.count).map { pitchClass in
        let distance = fmod(pitches[bin] - Double(pitchClass) + 6 + 120, 12) - 6
        return exp(-0.5 * (2 * distance / width) * (2 * distance / width))
      }
      let length = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let octave = (pitches[bin] / 12 - Self.centreOctave) / Self.octaveWidth
      let weight = exp(-0.5 * octave * octave) / length
      // The pitches count from A, the classes from C, three semitones on.
      for pitchClass in 0..<Self.count {
        weights[pitchClass * binCount + bin] = Float(column[(pitchClass + 3) % Self.count] * weight)
      }
    }
    self.weights = weights
  }

  /// The pitch classes of a power spectrum `[bins]`, the strongest of them 1; a silent spectrum gives zeros.
  public func apply(to power: [Float], into values: inout [Float], at offset: Int) {
    var largest: Float = 0
    for pitchClass in 0..<Self.count {
      let sum = weights.withUnsafeBufferPointer { weights in
        power.withUnsafeBufferPointer { power in
          kernels.functions.pointee.dot_product(
            weights.baseAddress! + pitchClass * binCount, power.baseAddress!, Int32(binCount))  // both hold bins
        }
      }
      values[offset + pitchClass] = sum
      largest = max(largest, sum)
    }
    guard largest >= .leastNormalMagnitude else { return }
    for pitchClass in 0..<Self.count { values[offset + pitchClass] /= largest }
  }
}

/// The tonal centroid of pitch classes: their place on the circles of fifths, minor thirds and major thirds (Harte, Sandler
/// and Gasser, "Detecting harmonic change in musical audio", 2006).
public enum TonalCentroid {
  /// Two values for each circle.
  public static let count = 6

  /// The circles: the step of a semitone in units of half a turn, and the radius.
  private static let circles: [(step: Double, radius: Double)] = [(7.0 / 6, 1), (1.5, 1), (2.0 / 3, 0.5)]

  /// Sine and cosine on each circle, `[6][12]`.
  private static let rows: [[Float]] = circles.flatMap { step, radius in
    [0.5, 0].map { (phase: Double) -> [Float] in
      (0..<12).map { Float(radius * cos(.pi * (step * Double($0) - phase))) }
    }
  }

  /// - Parameter classes: where the twelve pitch classes from C on begin in `values`.
  public static func apply(toClassesAt classes: Int, of values: inout [Float], at offset: Int) {
    var sum: Float = 0
    for pitchClass in 0..<12 { sum += abs(values[classes + pitchClass]) }
    let scale = sum >= .leastNormalMagnitude ? 1 / sum : 1
    for row in 0..<count {
      var value: Float = 0
      for pitchClass in 0..<12 { value += rows[row][pitchClass] * values[classes + pitchClass] }
      values[offset + row] = value * scale
    }
  }
}
