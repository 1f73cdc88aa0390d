import Affect
import Glibc
import SignalProcessing
import TestSupport
import Testing
import Tracking

@Suite struct VenueAdaptationTests {
  private static let rate = 16_000

  /// Pink noise, `decibels` below the loudness of recorded music.
  private struct Noise {
    private var noise = PinkNoise()
    let amplitude: Float

    init(_ amplitude: Float) { self.amplitude = amplitude }

    mutating func add(_ seconds: Int, to adaptation: inout VenueAdaptation, isMusic: Bool = true, gain: Double = 0) {
      for _ in 0..<seconds {
        let samples = (0..<rate).map { _ in amplitude * noise.next() }
        adaptation.add(samples.span, isMusic: isMusic, gain: gain, filter: nil)
      }
    }
  }

  @Test func itMovesByThreeDecibelsInTenMinutesAndLittleInAPiece() {
    var adaptation = VenueAdaptation(.level, rate: Self.rate)
    var noise = Noise(0.1)
    noise.add(240, to: &adaptation)
    #expect((0.8...1.2).contains(adaptation.decibels[10]))
    noise.add(360, to: &adaptation)
    #expect((2.5...3).contains(adaptation.decibels[10]))
    // All alike.
    #expect(Set(adaptation.decibels).count == 1)
  }

  @Test func itComesToWhatACalibrationFinds() throws {
    var adaptation = VenueAdaptation(.spectrum, rate: Self.rate)
    var noise = Noise(0.5)
    noise.add(7200, to: &adaptation)
    var spectrum = LongTermSpectrum(rate: Self.rate)
    var other = PinkNoise()
    let minute = (0..<60 * Self.rate).map { _ in 0.5 * other.next() }
    spectrum.add(minute.span)
    let wanted = VenueFilter(from: try #require(spectrum.decibels), to: ReferenceSpectrum.music, gain: 0)
    for (found, wanted) in zip(adaptation.decibels, wanted.decibels) {
      #expect(abs(found - min(max(wanted, -12), 12)) < 0.6, "\(adaptation.decibels)")
    }
    #expect((adaptation.decibels.max() ?? 0) - (adaptation.decibels.min() ?? 0) > 3)
  }

  @Test func whatACalibrationHasDoneAlreadyIsNotDoneAgain() {
    var adaptation = VenueAdaptation(.level, rate: Self.rate)
    var noise = Noise(0.1)
    noise.add(1200, to: &adaptation, gain: 20)
    var loud = VenueAdaptation(.level, rate: Self.rate)
    var loudNoise = Noise(1)
    loudNoise.add(1200, to: &loud)
    #expect(abs(adaptation.decibels[10] - loud.decibels[10]) < 0.01)
    #expect(abs(adaptation.decibels[10]) < 1)
  }

  @Test func itStandsStillInSilenceAndTalk() {
    var adaptation = VenueAdaptation(.spectrum, rate: Self.rate)
    var noise = Noise(0.1)
    noise.add(600, to: &adaptation, isMusic: false)
    #expect(adaptation.decibels.allSatisfy { $0 == 0 })
    var silence = Noise(0)
    silence.add(600, to: &adaptation)
    #expect(adaptation.decibels.allSatisfy { $0 == 0 })
    // A block with a part of it does not count.
    for _ in 0..<300 {
      noise.add(1, to: &adaptation, isMusic: false)
      noise.add(2, to: &adaptation)
    }
    #expect(adaptation.decibels.allSatisfy { $0 == 0 })
  }

  @Test func itIsLimited() {
    var adaptation = VenueAdaptation(.level, rate: Self.rate)
    var noise = Noise(0.01)
    noise.add(3600, to: &adaptation)
    #expect(adaptation.decibels[10] == 12)
  }

  /// What the tracker makes of it: the mean of the audio is its valence, and an offset is no sound.
  @Test func theTrackerAddsItToTheGainAndForgetsItAtAnotherCalibration() throws {
    let tracker = AffectTracker(
      embedder: MeanProbe(), regressor: ProbeRegressor(),
      settings: TrackerSettings(hop: Hop(seconds: 0.5)!, smoothing: .none, following: .level))
    tracker.note(.networksReady)
    tracker.note(.input(.open))
    tracker.begin(inputRate: Self.rate)
    let music = TestSignal.chords(seconds: 20, rate: Self.rate).map { 0.05 * $0 + 0.1 }
    /// Plays it so many times, and gives the last raw valence.
    func play(_ times: Int) -> Double {
      var values: [Float] = []
      for _ in 0..<times {
        tracker.push(music.span) { estimate in
          if let raw = estimate.values?.raw { values.append(raw.valence) }
        }
      }
      return Double(values.last ?? 0)
    }
    let before = play(1)
    let after = play(14)
    let gain = try #require(tracker.adapted?.gain)
    #expect(tracker.adapted?.filter == nil)
    #expect((1.2...1.6).contains(gain), "\(gain)")
    #expect(abs(after / before - pow(10, gain / 20)) < 0.02)
    // It goes on over a gap.
    tracker.begin(inputRate: Self.rate, origin: 400)
    _ = play(1)
    #expect((tracker.adapted?.gain ?? 0) >= gain)
    tracker.gain = 6
    #expect(tracker.adapted?.gain == nil)
    tracker.following = .off
    let amplified = play(5)
    #expect(tracker.adapted?.gain == nil)
    #expect(abs(amplified / before - pow(10, 6 / 20)) < 0.02)
  }
}
