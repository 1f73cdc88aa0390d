import AudioInput
import Testing

@Suite struct GeneratorTests {
  private func read(_ source: any AudioSource, frames: Int, block: Int) throws -> [Float] {
    var samples: [Float] = []
    var buffer = [Float](repeating: 0, count: block)
    while samples.count < frames {
      guard case .frames(let count) = try source.read(into: &buffer) else { break }
      samples += buffer[..<count]
    }
    return Array(samples.prefix(frames))
  }

  @Test func theToneHasItsFrequencyAndLevel() throws {
    let samples = try read(ToneSource(frequency: 1000), frames: 48_000, block: 480)
    let crossings = zip(samples, samples.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect(abs(crossings - 1000) <= 1)
    #expect(abs((samples.map(abs).max() ?? 0) - 0.5) < 1e-3)
  }

  @Test func theDemoPieceIsAtLeastAMinuteLongAndNeverClips() throws {
    let samples = try read(DemoSource(repeats: false), frames: .max, block: 1000)
    #expect(samples.count >= 60 * 48_000)
    #expect(samples.allSatisfy { abs($0) < 1 })
    // Every second of it sounds.
    for second in 0..<samples.count / 48_000 {
      #expect(samples[second * 48_000..<(second + 1) * 48_000].contains { abs($0) > 0.01 })
    }
  }

  @Test func theDemoPieceRepeatsItself() throws {
    let once = try read(DemoSource(repeats: false), frames: .max, block: 4096)
    let twice = try read(DemoSource(repeats: true), frames: once.count + 48_000, block: 777)
    #expect(Array(twice[once.count...]) == Array(once[..<48_000]))
  }
}
