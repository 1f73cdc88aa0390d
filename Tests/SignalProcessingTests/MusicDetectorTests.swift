import SignalProcessing
import TestSupport
import Testing

/// What is taken for speech, on voices that are made for it.
@Suite struct MusicDetectorTests {
  /// What is heard after each second of `samples`.
  private func sounds(_ samples: [Float], rate: Int) -> [MusicDetector.Sound] {
    var detector = MusicDetector(rate: rate)
    return stride(from: 0, to: samples.count - rate + 1, by: rate).map { start in
      // In pieces of any length.
      let second = samples[start..<start + rate]
      for piece in stride(from: second.startIndex, to: second.endIndex, by: 441) {
        let samples = Array(second[piece..<min(piece + 441, second.endIndex)])
        detector.add(samples.span)
      }
      return detector.sound
    }
  }

  private func voice(_ seconds: Int, rate: Int, seed: UInt64) -> [Float] {
    TestSignal.voice(seconds: seconds, rate: rate, seed: seed)
  }

  @Test(arguments: [8000, 16_000, 44_100, 48_000])
  func oneVoiceIsSpeech(rate: Int) {
    let sounds = sounds(voice(14, rate: rate, seed: 4), rate: rate)
    #expect(sounds.prefix(8).allSatisfy { $0 == .music }, "\(sounds)")
    #expect(sounds.last == .speech, "\(sounds)")
  }

  @Test(arguments: [8000, 16_000, 44_100, 48_000])
  func chordsAreMusic(rate: Int) {
    #expect(sounds(TestSignal.chords(seconds: 20, rate: rate), rate: rate).allSatisfy { $0 == .music })
  }

  @Test func musicAfterSpeechIsMusicSoon() {
    let rate = 16_000
    let sounds = sounds(voice(14, rate: rate, seed: 4) + TestSignal.chords(seconds: 8, rate: rate), rate: rate)
    #expect(sounds[13] == .speech)
    #expect(sounds[18...].allSatisfy { $0 == .music }, "\(sounds)")
  }

  @Test func whatIsHeardDoesNotDependOnTheLevel() {
    let rate = 16_000
    let voice = voice(14, rate: rate, seed: 6)
    #expect(sounds(voice, rate: rate).last == .speech && sounds(voice.map { $0 / 4 }, rate: rate).last == .speech)
    // Nothing is said of what is too quiet, and silence is nothing new.
    #expect(sounds(voice.map { $0 / 2000 }, rate: rate).allSatisfy { $0 == .music })
    let silence = [Float](repeating: 0, count: 10 * rate)
    #expect(sounds(voice + silence, rate: rate).last == .speech)
  }
}
