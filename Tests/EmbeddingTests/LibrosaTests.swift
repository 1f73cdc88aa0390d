import Embedding
import NeuralNetwork
import Platform
import SignalProcessing
import TestSupport
import Testing

/// The descriptors beside librosa's own, see tools/make_librosa_fixture.py.
@Suite struct LibrosaTests {
  private let file: SafetensorsFile
  private let audio: [Float]

  init() throws {
    file = try Fixture.tensors("librosa-golden.safetensors")
    audio = try file.tensor("audio").values
  }

  private func embed(_ embedder: inout some AudioEmbedder, at start: Int) -> [Float] {
    var embedding = [Float](repeating: .nan, count: embedder.dimension)
    embedder.embed(
      audio.span.extracting(start..<start + embedder.windowLength), startingAt: start, into: &embedding)
    return embedding
  }

  /// The parts of the 193 descriptors, in their order.
  private static let parts = [
    ("mfcc", 0..<40), ("chroma", 40..<52), ("mel", 52..<180), ("contrast", 180..<187), ("tonnetz", 187..<193),
  ]

  @Test func everyPartAgreesWithLibrosa() throws {
    let starts = try file.tensor("starts").values.map { Int($0) }
    let expected = try file.tensor("features")
    var features = LibrosaFeatures()
    for (index, start) in starts.enumerated() {
      let actual = embed(&features, at: start)
      for (name, range) in Self.parts {
        for (kind, offset) in [("mean", 0), ("deviation", 193)] {
          let part = range.lowerBound + offset..<range.upperBound + offset
          let golden = Array(
            expected.values[index * 386..<(index + 1) * 386][
              index * 386 + part.lowerBound..<index * 386 + part.upperBound])
          let difference = Difference(Array(actual[part]), golden)
          #expect(difference.relativeToLargest < 1e-4, "\(name), \(kind), at \(start)")
        }
      }
    }
  }

  /// Without the upper half of the cepstrum, the values are the same ones in the same order.
  @Test func the346ValuesAreThoseOfThe386() throws {
    var (all, some) = (LibrosaFeatures(), LibrosaFeatures(.cepstra20))
    #expect(some.identifier == "librosa-346" && some.dimension == 346)
    let omitted = Set((21...40).flatMap { ["mfcc_\($0)_mean", "mfcc_\($0)_std"] })
    for start in [0, 512, 9728] {
      let kept = zip(all.valueNames, embed(&all, at: start)).filter { !omitted.contains($0.0) }
      #expect(kept.map(\.0) == some.valueNames)
      let isSame = kept.map(\.1) == embed(&some, at: start)
      #expect(isSame, "\(start)")
    }
  }

  @Test func thePictureAgreesWithLibrosa() throws {
    var patch = LogMelPatch()
    let difference = Difference(embed(&patch, at: 512), try file.tensor("logmel").values)
    #expect(difference.relativeToLargest < 1e-4)
  }

  /// Whatever windows came before, and after another stream.
  @Test func aWindowHasItsValuesFromWhereverOneComes() {
    var generator = SeededGenerator(seed: 7)
    let last = audio.count - LogMelPatch().windowLength
    var (features, picture) = (LibrosaFeatures(), LogMelPatch())
    for _ in 0..<20 {
      let start = Int.random(in: 0...last / 512, using: &generator) * 512
      var (freshFeatures, freshPicture) = (LibrosaFeatures(), LogMelPatch())
      let isSame =
        embed(&features, at: start) == embed(&freshFeatures, at: start)
        && embed(&picture, at: start) == embed(&freshPicture, at: start)
      #expect(isSame, "\(start)")
      if Bool.random(using: &generator) {
        features.restart()
        picture.restart()
      }
    }
  }

  @Test func silenceGivesNumbers() {
    let silence = [Float](repeating: 0, count: 70_000)
    var (features, picture) = (LibrosaFeatures(), LogMelPatch())
    for embedder in [features, picture] as [any AudioEmbedder] {
      var embedder = embedder
      var embedding = [Float](repeating: .nan, count: embedder.dimension)
      embedder.embed(silence.span.extracting(first: embedder.windowLength), startingAt: 0, into: &embedding)
      #expect(embedding.allSatisfy { $0.isFinite })
    }
    // A level below which nothing is.
    features.restart()
    picture.restart()
    #expect(embed(&picture, at: 0).min() != nil)
  }

  @Test func aFilterForTheVenueIsHeard() {
    var (plain, filtered) = (LibrosaFeatures(), LibrosaFeatures())
    filtered.use(VenueFilter(decibels: [Double](repeating: 6, count: 26)))
    let (before, after) = (embed(&plain, at: 0), embed(&filtered, at: 0))
    // Four times the power in every mel band of the third octaves' range.
    for band in 80..<170 { #expect(abs(after[band] / before[band] - 3.981) < 0.01) }
    filtered.use(nil)
    let isSame = embed(&filtered, at: 0) == before
    #expect(isSame)
  }
}

/// The ring of frames.
@Suite struct FrameRingTests {
  @Test func everyFrameIsComputedOnce() {
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<200 {
      var ring = FrameRing(width: 2)
      var computed: [Int] = []
      var start = 0
      for _ in 0..<30 {
        start += Int.random(in: 0...12, using: &generator)
        let count = Int.random(in: 1...10, using: &generator)
        let before = Set(ring.frames)
        computed = []
        ring.move(to: start..<start + count) { frames, values, place in
          for (index, frame) in frames.enumerated() {
            computed.append(frame)
            values[place + 2 * index] = Float(frame)
            values[place + 2 * index + 1] = -Float(frame)
          }
        }
        #expect(ring.frames == start..<start + count)
        #expect((0..<count).allSatisfy { ring[$0, 0] == Float(start + $0) && ring[$0, 1] == -Float(start + $0) })
        // What was there and is wanted still is not computed again.
        #expect(Set(computed).isDisjoint(with: before) && computed.count == Set(computed).count)
        #expect(ring.maximum(ofColumns: 0..<2) == Float(start + count - 1))
      }
    }
  }
}
