internal import Glibc

/// How much successive periods of a voice differ in length (*jitter*) and in strength (*shimmer*) (Eyben and others, "The
/// Geneva minimalistic acoustic parameter set (GeMAPS) for voice research and affective computing", 2016).
///
/// A period ends where the wave correlates best with what came before, within a tenth of the length that the fundamental
/// frequency says. Where no correlation reaches a half, there is none. The strength is the energy of the period: peaks, which
/// others take, depend on where a pulse falls between two samples.
public struct PitchPeriods {
  /// Mean distance of the lengths of successive periods, divided by the mean length, `[frames]`; NaN where there are none.
  public private(set) var jitter: [Float]
  /// The same of the distances themselves (*difference of differences of periods*), `[frames]`; NaN where there are none.
  public private(set) var jitterOfJitter: [Float]
  /// Mean distance of the levels of successive periods, dB, `[frames]`; NaN where there are none.
  public private(set) var shimmer: [Float]

  private static let tolerance: Float = 0.1
  private static let leastCorrelation: Float = 0.5

  private let frameLength: Int
  private let frameStep: Int
  private let sampleRate: Float

  /// - Parameters:
  ///   - frameCount: frames of a window.
  ///   - frameLength: samples of a frame.
  public init(frameCount: Int, frameLength: Int, frameStep: Int, sampleRate: Double) {
    jitter = Array(repeating: .nan, count: frameCount)
    (jitterOfJitter, shimmer) = (jitter, jitter)
    self.frameLength = frameLength
    self.frameStep = frameStep
    self.sampleRate = Float(sampleRate)
  }

  /// A frame has the periods that begin before the next frame does, at least two, and the last one before them.
  ///
  /// - Parameters:
  ///   - audio: samples from the beginning of the first frame on.
  ///   - frequencies: Hz, `[frames]`; 0 where a frame is unvoiced.
  public mutating func measure(_ audio: Span<Float>, frequencies: [Float]) {
    /// Where the next period begins, and the one before it.
    var next: Int?
    var previous: Period?
    for frame in jitter.indices {
      guard frequencies[frame] > 0 else {
        (next, previous) = (nil, nil)
        write(PeriodChanges(), of: frame)
        continue
      }
      let length = sampleRate / frequencies[frame]
      let start = frame * frameStep
      let end = min(start + frameLength, audio.count)
      let heard = audio.extracting(..<end)
      if next.map({ $0 < start - Int(length) }) ?? true {
        // A pulse shall lie well inside of a period.
        let pulse = Self.highest(heard, from: start, count: Int(1.1 * length))
        (next, previous) = (max(start, pulse - Int(length / 3)), nil)
      }
      var changes = PeriodChanges()
      if let previous { changes.add(previous) }
      var found = 0
      while let place = next, place < start + frameStep || found < 2 {
        // Two periods have to be there, the second at its longest.
        guard place + Int(length * (2 + Self.tolerance)) + 3 <= end else { break }
        guard let period = Self.period(heard, at: place, length: length) else {
          (next, previous) = (nil, nil)
          break
        }
        changes.add(period)
        (next, previous) = (place + Int(period.length.rounded()), period)
        found += 1
      }
      write(changes, of: frame)
    }
  }

  private mutating func write(_ changes: PeriodChanges, of frame: Int) {
    jitter[frame] = changes.jitter
    jitterOfJitter[frame] = changes.jitterOfJitter
    shimmer[frame] = changes.shimmer
  }

  private static func highest(_ audio: Span<Float>, from start: Int, count: Int) -> Int {
    var best = start
    for index in start..<min(start + count, audio.count) where abs(audio[index]) > abs(audio[best]) { best = index }
    return best
  }

  /// The period that begins at `place`; nil if the wave does not come again.
  private static func period(_ audio: Span<Float>, at place: Int, length: Float) -> Period? {
    let count = Int(length.rounded())
    let (shortest, longest) = (Int(length * (1 - tolerance)), Int(length * (1 + tolerance)) + 1)
    let first = audio.extracting(place..<place + count)
    var energy: Float = 0
    for index in first.indices { energy += first[index] * first[index] }
    var best = (lag: 0, correlation: leastCorrelation, energy: Float(0))
    var (before, around) = (Float(0), SIMD3<Float>.zero)
    for lag in shortest - 1...longest + 1 {
      let available = min(count, audio.count - place - lag)
      guard available > 0 else { break }
      let second = audio.extracting(place + lag..<place + lag + available)
      var (product, other) = (Float(0), Float(0))
      for index in second.indices {
        product += first[index] * second[index]
        other += second[index] * second[index]
      }
      let correlation = product / (energy * other + 1e-20).squareRoot()
      if lag == best.lag + 1, best.lag > 0 { around.z = correlation }
      if lag >= shortest, lag <= longest, correlation > best.correlation {
        best = (lag, correlation, other)
        around = SIMD3(before, correlation, correlation)
      }
      before = correlation
    }
    guard best.lag > 0 else { return nil }
    // The vertex of the parabola through the best three.
    let curvature = around.x - 2 * around.y + around.z
    let shift = curvature < 0 ? min(max(0.5 * (around.x - around.z) / curvature, -0.5), 0.5) : 0
    return Period(
      length: Float(best.lag) + shift, rise: 10 * log10f(max(best.energy, 1e-20) / max(energy, 1e-20)))
  }
}

private struct Period {
  /// Samples.
  let length: Float
  /// How far the level of the next one lies above its own, dB.
  let rise: Float
}

/// How the periods of a frame follow each other.
private struct PeriodChanges {
  private var last: Period?
  private var lastDifference: Float?
  private var count: Float = 0
  private var lengths: Float = 0
  private var distances: Float = 0
  private var secondCount: Float = 0
  private var secondDistances: Float = 0
  private var rises: Float = 0

  var jitter: Float { count > 1 ? distances / (count - 1) / (lengths / count) : .nan }
  var jitterOfJitter: Float { secondCount > 0 ? secondDistances / secondCount / (lengths / count) : .nan }
  var shimmer: Float { count > 0 ? rises / count : .nan }

  mutating func add(_ period: Period) {
    if let last {
      let difference = period.length - last.length
      distances += abs(difference)
      if let lastDifference {
        secondDistances += abs(difference - lastDifference)
        secondCount += 1
      }
      lastDifference = difference
    }
    count += 1
    lengths += period.length
    rises += abs(period.rise)
    last = period
  }
}
