import Embedding
import NeuralNetwork
import Platform
import SignalProcessing
import TestSupport
import Testing

/// The descriptors beside openSMILE's own, see tools/make_compare_fixture.py.
@Suite struct CompareTests {
  private let file: SafetensorsFile
  private let audio: [Float]

  init() throws {
    file = try Fixture.tensors("compare-golden.safetensors")
    audio = try file.tensor("audio").values
  }

  private func embed(_ features: inout Compare260, at start: Int) -> [Float] {
    embed(&features, audio, at: start)
  }

  private func embed(_ features: inout Compare260, _ audio: [Float], at start: Int) -> [Float] {
    var embedding = [Float](repeating: .nan, count: features.dimension)
    features.embed(
      audio.span.extracting(start..<start + features.windowLength), startingAt: start, into: &embedding)
    return embedding
  }

  /// The first descriptors are those of the voice, whose definitions leave much open: VoiceTests and GenevaTests hold them.
  private static let voiceCount = 6
  private static let goldenWidth = 65

  /// The descriptors, in their order.
  private static var names: [String] {
    let features = Compare260()
    return features.valueNames.prefix(features.dimension / 4).map {
      String($0.dropLast("_mean".count).dropFirst("compare_".count))
    }
  }

  /// The windows of the fixture without near silence: openSMILE's entropy of less than 16 bits of noise is no entropy.
  private static func windows(of descriptor: String, count: Int) -> Range<Int> {
    descriptor == "entropy" ? 0..<count - 2 : 0..<count
  }

  /// How far a descriptor may be from openSMILE's, relative to the largest of its values in the fixture. openSMILE takes
  /// 32,767 for full scale, affectd 32,768: amplitudes differ by 3 in 100,000, and powers by 6.
  private static func tolerance(of descriptor: String) -> Float {
    switch descriptor {
    case "energy_250_650", "energy_1000_4000", "slope", "harmonicity": 1e-4
    case "rms_energy", "flux", "loudness": 5e-5
    case "zero_crossings", "rolloff_25", "rolloff_50", "rolloff_75", "rolloff_90": 1e-6
    default: 2e-5
    }
  }

  /// Column `column` of `rows`, `[… × width]`.
  private func column(_ column: Int, of rows: [Float], width: Int) -> [Float] {
    stride(from: column, to: rows.count, by: width).map { rows[$0] }
  }

  @Test func everyFrameAgreesWithOpenSMILE() throws {
    let start = Int(try file.tensor("starts").values[1])
    let golden = try file.tensor("frames").values
    var features = Compare260()
    _ = embed(&features, at: start)
    let width = Self.names.count
    for (place, name) in Self.names.enumerated().dropFirst(Self.voiceCount) {
      for (kind, rows, offset) in [("", features.smoothedFrames, 0), (" delta", features.deltas, Self.goldenWidth)] {
        let expected = column(offset + place, of: golden, width: 2 * Self.goldenWidth)
        let difference = Difference(column(place, of: rows, width: width), expected)
        #expect(difference.relativeToLargest < Self.tolerance(of: name), "\(name)\(kind)")
      }
    }
  }

  @Test func everyStatisticAgreesWithOpenSMILE() throws {
    let starts = try file.tensor("starts").values.map { Int($0) }
    let golden = try file.tensor("features").values
    var features = Compare260()
    let values = starts.flatMap { embed(&features, at: $0) }
    let width = Self.names.count
    for (place, name) in Self.names.enumerated().dropFirst(Self.voiceCount) {
      let windows = Self.windows(of: name, count: starts.count)
      for (group, statistic) in ["mean", "delta mean", "deviation", "delta deviation"].enumerated() {
        func expected(_ group: Int) -> [Float] {
          column(group * Self.goldenWidth + place, of: golden, width: 4 * Self.goldenWidth)
        }
        let actual = column(group * width + place, of: values, width: 4 * width)
        // A mean of what has either sign is compared with how much that changes.
        let (values, scale) = (expected(group), expected(group | 2))
        let largest = windows.map { max(abs(values[$0]), scale[$0]) }.max() ?? 0
        for window in windows {
          let difference = abs(actual[window] - values[window]) / largest
          #expect(difference < Self.tolerance(of: name), "\(name) \(statistic) at \(starts[window])")
        }
      }
    }
  }

  /// What openSMILE's entropy does not have in near silence.
  @Test func theEntropyIsAtMostEightBits() throws {
    var features = Compare260()
    for start in [27_200, 32_000] {
      _ = embed(&features, at: start)
      let place = try #require(Self.names.firstIndex(of: "entropy"))
      let entropies = column(place, of: features.smoothedFrames, width: Self.names.count)
      #expect(entropies.allSatisfy { (0...8).contains($0) } && (entropies.max() ?? 0) > 4)
    }
  }

  /// Of the synthetic voices of another fixture, what eGeMAPS says of them.
  @Test func theVoiceIsThatOfEGeMAPS() throws {
    let file = try Fixture.tensors("geneva-golden.safetensors")
    let audio = try file.tensor("audio").values
    let starts = try file.tensor("starts").values.map { Int($0) }
    var (features, geneva) = (Compare260(), EGeMAPS())
    var (own, other): ([[Float]], [[Float]]) = ([], [])
    for start in starts.dropLast(8) {
      own.append(embed(&features, audio, at: start))
      var values = [Float](repeating: .nan, count: geneva.dimension)
      geneva.embed(audio.span.extracting(start..<start + geneva.windowLength), startingAt: start, into: &values)
      other.append(values)
    }
    let (names, genevaNames) = (features.valueNames, geneva.valueNames)
    // Over unvoiced frames too, where they are 0: the more of the window is voiced, the larger.
    let length = try #require(genevaNames.firstIndex(of: "egemaps_voiced_length_mean"))
    let segments = try #require(genevaNames.firstIndex(of: "egemaps_voiced_segments_per_second"))
    for (name, genevaName) in [("jitter", "jitter"), ("shimmer", "shimmer"), ("log_hnr", "hnr")] {
      let place = try #require(names.firstIndex(of: "compare_\(name)_mean"))
      let genevaPlace = try #require(genevaNames.firstIndex(of: "egemaps_\(genevaName)_mean"))
      let r = correlation(own.map { $0[place] }, other.map { $0[genevaPlace] * $0[length] * $0[segments] })
      #expect(r > 0.95, "\(name)")
    }
    let frequency = try #require(names.firstIndex(of: "compare_f0_mean"))
    let (voicing, jitter) = (frequency + 1, frequency + 2)
    #expect(own.allSatisfy { $0[frequency] > 40 && $0[voicing] > 0.5 && $0[jitter] > 0 && $0[jitter + 1] > 0 })
    // Noise has none.
    var generator = SeededGenerator(seed: 1)
    let noise = embed(&features, (0..<16_000).map { _ in Float.random(in: -0.5...0.5, using: &generator) }, at: 0)
    #expect(noise[frequency] == 0 && noise[jitter] == 0 && noise[voicing] > 0 && noise[voicing] < 0.7)
  }

  /// Whatever windows came before, and after another stream.
  @Test func aWindowHasItsValuesFromWhereverOneComes() {
    var generator = SeededGenerator(seed: 7)
    var features = Compare260()
    let last = (audio.count - features.windowLength) / features.windowStep
    for _ in 0..<30 {
      let start = Int.random(in: 0...last, using: &generator) * features.windowStep
      var fresh = Compare260()
      let isSame = embed(&features, at: start) == embed(&fresh, at: start)
      #expect(isSame, "\(start)")
      if Int.random(in: 0..<4, using: &generator) == 0 { features.restart() }
    }
    // As live, half a second from one to the next.
    features.restart()
    for start in stride(from: 0, through: last * features.windowStep, by: 8000) {
      var fresh = Compare260()
      let isSame = embed(&features, at: start) == embed(&fresh, at: start)
      #expect(isSame, "\(start)")
    }
  }

  /// Neither the place in the stream nor the other samples matter.
  @Test func aWindowsValuesDependOnItsSamplesOnly() {
    var (early, late) = (Compare260(), Compare260())
    _ = embed(&late, at: 6400)
    let window = Array(audio[12_800..<28_800])
    let isSame = embed(&late, at: 12_800) == embed(&early, window, at: 0)
    #expect(isSame)
  }

  @Test func silenceGivesNumbers() {
    // Nothing, samples whose powers are too small for normal numbers, one sample among them, full scale.
    let faint = (0..<16_000).map { $0 % 7 == 0 ? Float(1e-20) : 0 }
    var click = faint
    click[8000] = 1
    let loud = (0..<16_000).map { $0 / 5 % 2 == 0 ? Float(1) : -1 }
    for audio in [[Float](repeating: 0, count: 16_000), faint, click, loud] {
      var features = Compare260()
      let values = embed(&features, audio, at: 0)
      #expect(values.allSatisfy { $0.isFinite })
    }
  }

  @Test func aFilterForTheVenueIsHeard() throws {
    var (plain, filtered) = (Compare260(), Compare260())
    filtered.use(VenueFilter(decibels: [Double](repeating: 6, count: 26)))
    let (before, after) = (embed(&plain, at: 0), embed(&filtered, at: 0))
    let amplitude: Float = 1.9953
    // What a change of the level alone does.
    let factors: [String: Float] = [
      "rms_energy_mean": amplitude, "flux_mean": amplitude, "energy_250_650_mean": amplitude * amplitude,
      "energy_1000_4000_std": amplitude * amplitude, "harmonicity_delta_std": amplitude * amplitude,
      "slope_mean": amplitude * amplitude, "loudness_mean": 1.5776, "centroid_mean": 1, "entropy_mean": 1,
      "rolloff_50_mean": 1, "sharpness_std": 1, "zero_crossings_mean": 1, "rasta_band_7_mean": 1,
    ]
    for (name, factor) in factors {
      let place = try #require(plain.valueNames.firstIndex(of: "compare_\(name)"))
      #expect(abs(after[place] / before[place] / factor - 1) < 2e-3, "\(name)")
    }
    filtered.use(nil)
    let isSame = embed(&filtered, at: 0) == before
    #expect(isSame)
    // Less of the high thirds: the centroid goes down, and the energy by less than the filter.
    filtered.use(VenueFilter(decibels: (0..<26).map { $0 < 14 ? 0 : -12 }))
    let dull = embed(&filtered, at: 0)
    let centroid = try #require(plain.valueNames.firstIndex(of: "compare_centroid_mean"))
    let energy = try #require(plain.valueNames.firstIndex(of: "compare_rms_energy_mean"))
    #expect(dull[centroid] < 0.9 * before[centroid])
    #expect(dull[energy] < before[energy] && dull[energy] > 0.25 * before[energy])
  }

  @Test func everyValueHasANameOfItsOwn() {
    var features = Compare260()
    #expect(features.valueNames.count == features.dimension)
    #expect(Set(features.valueNames).count == features.dimension)
    #expect(
      features.valueNames.contains("compare_rasta_band_7_delta_std") && features.valueNames.first == "compare_f0_mean")
    #expect(features.dimension == 260)
    // Linear models take the logarithms of these.
    let powers = features.logarithmicValues.map { features.valueNames[$0] }
    #expect(powers.count == 9 && powers.allSatisfy { !$0.hasSuffix("_delta_mean") })
    #expect(features.logarithmicValues == features.logarithmicValues.sorted())
    let values = embed(&features, at: 0)
    #expect(features.logarithmicValues.allSatisfy { values[$0] > 0 })
  }
}
