internal import Glibc

/// Notices the hum of the mains: narrow peaks at 50 or 60 Hz and their multiples that stay as they are for ten seconds.
///
/// Music that plays hides a hum, so that it is found in pauses. It then counts until a block shows that it is gone.
public struct HumDetector {
  /// Whether the mains hums.
  public private(set) var isHumming = false

  /// Hz, of the averages of neighbouring samples that are looked at.
  private static let leastRate = 2000
  private static let harmonics = 1...6
  /// Blocks of a second that must be alike.
  private static let blockCount = 10
  /// dB by which a peak must stand above its neighbourhood, and may differ from block to block.
  private static let prominence = 10.0
  private static let steadiness = 2.0
  /// dB of full scale that the peaks must have together to be told.
  private static let threshold = -75.0
  /// Multiples that must be there: one alone may be a note of an organ.
  private static let leastPeaks = 3
  /// dB below what it was at which it is gone.
  private static let fall = 6.0

  private let group: Int
  private let length: Int
  private let window: [Float]
  private var sum: Float = 0
  private var summed = 0
  private var block: [Float] = []
  private var probes: [Probe]

  /// A multiple of the mains' frequency.
  private struct Probe {
    let isOf60: Bool
    let frequency: Double
    /// dB in the newest blocks; and whether it stood out.
    var levels: [Double] = []
    var standsOut: [Bool] = []
    /// dB at which it hummed, nil if it does not.
    var hum: Double?
  }

  /// - Parameter rate: Hz, 2000 or more.
  public init(rate: Int) {
    group = max(1, rate / Self.leastRate)
    length = rate / group
    window = periodicHannWindow(length: length)
    probes = [50.0, 60].flatMap { mains in
      Self.harmonics.map { Probe(isOf60: mains == 60, frequency: mains * Double($0)) }
    }
    block.reserveCapacity(length)
  }

  public mutating func add(_ samples: Span<Float>) {
    for index in samples.indices {
      sum += samples[index]
      summed += 1
      guard summed == group else { continue }
      block.append(sum / Float(group))
      (sum, summed) = (0, 0)
      if block.count == length { closeBlock() }
    }
  }

  private mutating func closeBlock() {
    for index in block.indices { block[index] *= window[index] }
    for index in probes.indices {
      let frequency = probes[index].frequency
      let level = decibels(at: frequency)
      let beside = max(decibels(at: frequency - 4), decibels(at: frequency + 4))
      if probes[index].levels.count == Self.blockCount {
        probes[index].levels.removeFirst()
        probes[index].standsOut.removeFirst()
      }
      probes[index].levels.append(level)
      probes[index].standsOut.append(level > beside + Self.prominence)
    }
    block.removeAll(keepingCapacity: true)
    judge()
  }

  private mutating func judge() {
    if isHumming {
      // What covers it does not end it: only a block in which it would be heard, and is not.
      let humming = probes.filter { $0.hum != nil }
      if humming.allSatisfy({ ($0.levels.last ?? 0) < ($0.hum ?? 0) - Self.fall }) {
        isHumming = false
        for index in probes.indices { probes[index].hum = nil }
      }
      return
    }
    for is60 in [false, true] {
      let steady = probes.indices.filter { probes[$0].isOf60 == is60 && Self.isSteady(probes[$0]) }
      let power = steady.reduce(0.0) { $0 + pow(10, (probes[$1].levels.last ?? -200) / 10) }
      guard steady.count >= Self.leastPeaks, 10 * log10(power) >= Self.threshold else { continue }
      isHumming = true
      for index in steady { probes[index].hum = probes[index].levels.last }
    }
  }

  private static func isSteady(_ probe: Probe) -> Bool {
    guard probe.levels.count == blockCount, probe.standsOut.allSatisfy({ $0 }) else { return false }
    return (probe.levels.max() ?? 0) - (probe.levels.min() ?? 0) <= steadiness
  }

  /// The level of a sine in the block, dB of a full-scale one.
  private func decibels(at frequency: Double) -> Double {
    // Twice the cosine, and the two last values of the recursion (Goertzel, "An algorithm for the evaluation of finite
    // trigonometric series", 1958). The block is a second long.
    let factor = 2 * cos(2 * .pi * frequency / Double(length))
    var (last, before) = (0.0, 0.0)
    for sample in block { (last, before) = (Double(sample) + factor * last - before, last) }
    let power = last * last + before * before - factor * last * before
    // The Hann window lets half of the amplitude through.
    let amplitude = 4 * max(power, 0).squareRoot() / Double(length)
    return 20 * log10(amplitude + 1e-10)
  }
}
