import Testing
import Tracking

@Suite struct ClockAnchorTests {
  @Test(arguments: [-200.0, -50, 0, 50, 200])
  func followsACardWhoseClockIsOff(partsPerMillion: Double) throws {
    var anchor = ClockAnchor()
    var largest = 0.0
    // An hour of audio in blocks of 10 ms, each read up to 5 ms late.
    for block in 1...360_000 {
      let audioTime = Double(block) * 0.01
      let truth = 1e9 + audioTime * (1 + partsPerMillion * 1e-6)
      anchor.observe(audioTime: audioTime, time: truth + Double(block % 7) * 0.0008)
      if block > 6000 { largest = max(largest, abs(audioTime + (anchor.offset ?? 0) - truth)) }
    }
    #expect(largest < 0.01)
  }

  @Test func jumpsWhenTheAudioPaused() throws {
    var anchor = ClockAnchor()
    anchor.observe(audioTime: 1, time: 1001)
    anchor.observe(audioTime: 2, time: 5002)
    #expect(anchor.offset == 5000)
  }

  @Test func knowsNothingBeforeTheFirstAudio() {
    #expect(ClockAnchor().offset == nil)
  }
}
