import Foundation
import SignalProcessing
import TestSupport
import Testing

/// The signals are those of EBU Tech 3341, table 1, in one channel.
///
/// There the tone is in both channels of a stereo signal, and a sine with a peak of -23 dBFS reads -23.0 LUFS: its mean
/// square lies 3.01 dB under the square of its peak, the second channel adds 3.01 dB, and the weighting's gain at 1 kHz
/// cancels the -0.691 of BS.1770's formula. A channel alone reads 3.01 LU less.
@Suite struct LoudnessMeterTests {
  private static let oneChannel = 10 * log10(0.5)
  /// What Tech 3341 allows, LU.
  private static let tolerance = 0.1

  private func tone(_ level: Double, seconds: Double, rate: Int = 48_000, frequency: Double = 1_000) -> [Float] {
    TestSignal.sine(frequency, amplitude: pow(10, level / 20), seconds: seconds, rate: rate)
  }

  private func loudness(_ samples: [Float], rate: Int = 48_000) -> Double? {
    let meter = LoudnessMeter(sampleRate: rate)
    meter.add(samples.span)
    return meter.integrated
  }

  @Test(arguments: [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
  func aToneReadsItsLevelAtEveryRate(rate: Int) throws {
    let loud = try #require(loudness(tone(-23, seconds: 5, rate: rate, frequency: 997), rate: rate))
    #expect(abs(loud - (-23 + Self.oneChannel)) < Self.tolerance)
    let soft = try #require(loudness(tone(-33, seconds: 5, rate: rate, frequency: 997), rate: rate))
    #expect(abs(loud - soft - 10) < 0.001)
  }

  @Test func lowFrequenciesCountLessAndHighOnesMore() throws {
    let middle = try #require(loudness(tone(-23, seconds: 5)))
    let low = try #require(loudness(tone(-23, seconds: 5, frequency: 30)))
    let high = try #require(loudness(tone(-23, seconds: 5, frequency: 8_000)))
    #expect(low < middle - 5)
    // The shelf lifts what is high by 4 dB; at 1 kHz it has 0.7 of them already.
    #expect(abs(high - middle - 3.3) < 0.2)
  }

  @Test func whatIsMuchSofterThanTheRestDoesNotCount() throws {
    // Signals 3 and 4 of the table.
    let relative = tone(-36, seconds: 10) + tone(-23, seconds: 60) + tone(-36, seconds: 10)
    let absolute = tone(-72, seconds: 10) + relative + tone(-72, seconds: 10)
    for samples in [relative, absolute] {
      let value = try #require(loudness(samples))
      #expect(abs(value - (-23 + Self.oneChannel)) < Self.tolerance)
    }
  }

  @Test func whatIsALittleSofterCounts() throws {
    // Signal 5.
    let samples = tone(-26, seconds: 20) + tone(-20, seconds: 20.1) + tone(-26, seconds: 20)
    let value = try #require(loudness(samples))
    #expect(abs(value - (-23 + Self.oneChannel)) < Self.tolerance)
  }

  @Test func silenceAroundTheMusicDoesNotCount() throws {
    let silence = [Float](repeating: 0, count: 480_000)
    let value = try #require(loudness(silence + tone(-23, seconds: 60) + silence))
    #expect(abs(value - (-23 + Self.oneChannel)) < Self.tolerance)
  }

  @Test func silenceAndTooLittleAudioHaveNoLoudness() {
    #expect(loudness([]) == nil)
    #expect(loudness([Float](repeating: 0, count: 480_000)) == nil)
    // -74 LUFS, under the absolute gate.
    #expect(loudness(tone(-71, seconds: 5)) == nil)
    #expect(loudness(tone(-23, seconds: 0.39)) == nil)
    #expect(loudness(tone(-23, seconds: 0.41)) != nil)
  }

  @Test func theWayTheSamplesAreCutDoesNotMatter() throws {
    let samples = TestSignal.music(seconds: 3, rate: 16_000)
    let meter = LoudnessMeter(sampleRate: 16_000)
    for start in stride(from: 0, to: samples.count, by: 371) {
      meter.add(samples.span.extracting(start..<min(start + 371, samples.count)))
      // Reading it meanwhile changes nothing.
      _ = meter.integrated
    }
    let whole = try #require(loudness(samples, rate: 16_000))
    #expect(meter.integrated == whole)
  }
}
