import Embedding
import NeuralNetwork
import Platform
import SignalProcessing
import TestSupport
import Testing

/// eGeMAPS beside openSMILE's numbers, see tools/make_geneva_fixture.py: eight synthetic voices of a second each, then four
/// seconds of something like music; a window begins every half second.
@Suite struct GenevaTests {
  private let audio: [Float]
  private let starts: [Int]
  /// `[windows][88]`
  private let golden: [[Float]]
  private let own: [[Float]]
  private let names = EGeMAPS().valueNames

  init() throws {
    let file = try Fixture.tensors("geneva-golden.safetensors")
    audio = try file.tensor("audio").values
    starts = try file.tensor("starts").values.map { Int($0) }
    let values = try file.tensor("features").values
    golden = starts.indices.map { Array(values[$0 * 88..<($0 + 1) * 88]) }
    var embedder = EGeMAPS()
    var own: [[Float]] = []
    for start in starts { own.append(Self.embed(&embedder, audio, at: start)) }
    self.own = own
  }

  private static func embed(_ embedder: inout some AudioEmbedder, _ audio: [Float], at start: Int) -> [Float] {
    var embedding = [Float](repeating: .nan, count: embedder.dimension)
    embedder.embed(
      audio.span.extracting(start..<start + embedder.windowLength), startingAt: start, into: &embedding)
    return embedding
  }

  /// Our values of all windows and openSMILE's.
  private func column(_ name: String, windows: Range<Int>? = nil) throws -> (own: [Float], golden: [Float]) {
    let index = try #require(names.firstIndex(of: "egemaps_\(name)"), "\(name)")
    let windows = windows ?? starts.indices
    return (windows.map { own[$0][index] }, windows.map { golden[$0][index] })
  }

  /// Windows that hold voices alone.
  private static let voices = 0..<15

  @Test func thereAre88ValuesWithNamesOfTheirOwn() {
    #expect(names.count == 88 && Set(names).count == 88)
    #expect(EGeMAPS(.fifth).valueNames == names && EGeMAPS(.fifth).windowLength == 3200)
  }

  /// Loudness, the spectrum and the cepstrum, frame by frame, of two voices and of chords.
  @Test func everyFrameAgrees() throws {
    let golden = try Fixture.tensors("geneva-golden.safetensors").tensor("frames").values
    var embedder = EGeMAPS()
    for (row, window) in [0, 9, 17].enumerated() {
      _ = Self.embed(&embedder, audio, at: starts[window])
      for (column, own) in embedder.smoothedFrames.enumerated() {
        // openSMILE has one frame more than there are long ones; the last of it hears the one before twice.
        let expected = (0..<95).map { golden[(row * 96 + $0) * 10 + column] }
        #expect(Difference(Array(own[..<95]), expected).relativeToLargest < 3e-3, "\(window), \(column)")
      }
    }
  }

  /// The spectrum, the loudness and the level, over all frames.
  @Test func whatNeedsNoVoiceAgrees() throws {
    var names = ["mean", "variation", "p20", "p50", "p80", "p20_to_p80"].map { "loudness_\($0)" }
    names += ["flux_mean", "flux_variation", "mfcc_1_mean", "mfcc_1_variation", "mfcc_2_mean", "level"]
    for name in names {
      let (own, golden) = try column(name)
      #expect(Difference(own, golden).relativeToLargest < 3e-3, "\(name)")
    }
    // openSMILE rounds where the sound is silent but for a few of the 16 bits' steps.
    for name in ["mfcc_2_variation", "mfcc_3_mean", "mfcc_4_mean"] {
      let (own, golden) = try column(name)
      #expect(Difference(own, golden).relativeToLargest < 6e-3, "\(name)")
    }
    let (own, golden) = try column("loudness_peaks_per_second")
    #expect(Difference(own, golden).relativeToLargest < 0.1)
  }

  @Test func pitchAndVoicingAgree() throws {
    for (name, bound) in [
      ("f0_mean", 5e-3), ("f0_p20", 3e-3), ("f0_p50", 3e-3), ("f0_p80", 3e-3), ("f0_p20_to_p80", 0.01),
      ("voiced_segments_per_second", 0.03), ("voiced_length_mean", 0.04), ("unvoiced_length_mean", 0.04),
    ] as [(String, Float)] {
      let (own, golden) = try column(name)
      #expect(Difference(own, golden).relativeToLargest < bound, "\(name)")
    }
  }

  /// Where a voice begins and ends differs by a frame, so that single windows differ by a few hundredths.
  @Test func whatVoicesSoundLikeGoesWithThePeer() throws {
    var names = ["alpha_ratio", "hammarberg", "slope_0_500", "slope_500_1500", "flux", "mfcc_2", "mfcc_3", "mfcc_4"]
      .map { "\($0)_voiced_mean" }
    names += ["mfcc_1_voiced_mean", "hnr_mean", "hnr_variation", "f0_variation"]
    for name in names {
      let (own, golden) = try column(name, windows: Self.voices)
      let r = correlation(own, golden)
      #expect(r > 0.95, "\(name)")
    }
    for name in ["slope_0_500", "slope_500_1500"] {
      let (own, golden) = try column("\(name)_unvoiced_mean")
      let r = correlation(own, golden)
      #expect(r > 0.95, "\(name), unvoiced")
    }
  }

  /// Whatever windows came before, and after another stream.
  @Test func aWindowHasItsValuesFromWhereverOneComes() {
    var generator = SeededGenerator(seed: 3)
    var (long, short) = (EGeMAPS(), EGeMAPS(.fifth))
    for _ in 0..<20 {
      let start = Int.random(in: 0...(audio.count - 16_000) / 160, using: &generator) * 160
      var (freshLong, freshShort) = (EGeMAPS(), EGeMAPS(.fifth))
      let isSame =
        Self.embed(&long, audio, at: start) == Self.embed(&freshLong, audio, at: start)
        && Self.embed(&short, audio, at: start) == Self.embed(&freshShort, audio, at: start)
      #expect(isSame, "\(start)")
      if Bool.random(using: &generator) {
        long.restart()
        short.restart()
      }
    }
  }

  @Test func anyWindowGivesNumbers() {
    var generator = SeededGenerator(seed: 5)
    let count = 16_000
    let signals: [[Float]] = [
      Array(repeating: 0, count: count),
      Array(repeating: 1, count: count),
      (0..<count).map { $0 % 2 == 0 ? 1 : -1 },
      (0..<count).map { $0 == 8000 ? 1 : 0 },
      (0..<count).map { _ in Float.random(in: -1...1, using: &generator) },
      (0..<count).map { _ in Bool.random(using: &generator) ? 1 : -1 },
      TestSignal.sine(55, seconds: 1, rate: count), TestSignal.sine(1000, seconds: 1, rate: count),
      TestSignal.sine(220, amplitude: 1e-6, seconds: 1, rate: count),
    ]
    for (index, signal) in signals.enumerated() {
      for window in [EGeMAPS.Window.second, .fifth] {
        var embedder = EGeMAPS(window)
        let values = Self.embed(&embedder, signal, at: 0)
        #expect(values.allSatisfy { $0.isFinite }, "signal \(index), \(window)")
      }
    }
  }

  @Test func aFilterForTheVenueIsHeard() throws {
    var (plain, filtered) = (EGeMAPS(), EGeMAPS())
    filtered.use(VenueFilter(decibels: [Double](repeating: 6, count: 26)))
    let (before, after) = (Self.embed(&plain, audio, at: 0), Self.embed(&filtered, audio, at: 0))
    let loudness = try #require(names.firstIndex(of: "egemaps_loudness_mean"))
    // Power to the 0.33.
    #expect(abs(after[loudness] / before[loudness] - 1.577) < 0.02)
    filtered.use(nil)
    let isSame = Self.embed(&filtered, audio, at: 0) == before
    #expect(isSame)
  }
}
