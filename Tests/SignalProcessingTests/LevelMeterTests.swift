import SignalProcessing
import TestSupport
import Testing

@Suite struct LevelMeterTests {
  private func level(_ samples: [Float]) -> Float {
    var meter = LevelMeter()
    meter.add(samples.span)
    return meter.take()
  }

  @Test func aFullScaleSineReadsZero() {
    #expect(abs(level(TestSignal.sine(1000, seconds: 1, rate: 48_000))) < 0.001)
    #expect(abs(level(TestSignal.sine(1000, amplitude: 0.1, seconds: 1, rate: 48_000)) + 20) < 0.001)
  }

  @Test func digitalSilenceReadsTheFloor() {
    #expect(level([Float](repeating: 0, count: 1000)) == -120)
    #expect(level([]) == -120)
    #expect(level([Float](repeating: 1e-12, count: 1000)) == -120)
  }

  @Test func aConstantOffsetIsNoSound() {
    #expect(level([Float](repeating: 0.5, count: 48_000)) == -120)
    let shifted = TestSignal.sine(1000, amplitude: 0.5, seconds: 1, rate: 48_000).map { $0 + 0.25 }
    #expect(abs(level(shifted) + 6.0206) < 0.001)
  }

  @Test func takingStartsAnew() {
    var meter = LevelMeter()
    let loud = TestSignal.sine(1000, seconds: 0.1, rate: 48_000)
    meter.add(loud.span)
    _ = meter.take()
    #expect(meter.take() == -120)
  }

  @Test func theWayTheSamplesAreCutDoesNotMatter() {
    let samples = TestSignal.music(seconds: 1, rate: 8_000)
    var meter = LevelMeter()
    for start in stride(from: 0, to: samples.count, by: 37) {
      meter.add(samples.span.extracting(start..<min(start + 37, samples.count)))
    }
    #expect(meter.take() == level(samples))
  }
}
