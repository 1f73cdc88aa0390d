import Affect
import Testing
import Tracking

/// The states, driven without a clock.
@Suite struct TrackerStateMachineTests {
  /// A machine whose device is open since 0 s and whose window is full.
  private var tracking: TrackerStateMachine {
    var machine = TrackerStateMachine()
    machine.handle(.networksReady)
    machine.handle(.inputOpened(at: 0))
    machine.handle(.audioArrived(at: 0))
    machine.handle(.tick(windowIsFull: true))
    return machine
  }

  @Test func aStartGoesThroughWarmingUpToTracking() {
    var machine = TrackerStateMachine()
    #expect(machine.state == .starting)
    #expect(machine.handle(.inputOpened(at: 0)) == nil)
    #expect(machine.handle(.networksReady) == .warmingUp)
    #expect(machine.handle(.tick(windowIsFull: false)) == nil)
    #expect(machine.handle(.tick(windowIsFull: true)) == .tracking)
    #expect(machine.handle(.stop) == .stopping)
    #expect(machine.handle(.audioArrived(at: 9)) == nil)
    #expect(machine.state == .stopping)
  }

  @Test func aDeviceThatIsAbsentAtTheStartIsWaitedFor() {
    var machine = TrackerStateMachine()
    machine.handle(.networksReady)
    #expect(machine.handle(.inputLost) == .reconnecting)
    // However long it takes.
    #expect(machine.handle(.time(1e6)) == nil)
    #expect(!machine.inputIsGivenUp)
    #expect(machine.handle(.inputOpened(at: 1e6)) == .warmingUp)
  }

  @Test func withoutDataTheInputStallsAfterOneSecondAndIsGivenUpAfterThree() {
    var machine = tracking
    machine.handle(.audioArrived(at: 10))
    #expect(machine.handle(.time(10.99)) == nil)
    #expect(machine.handle(.time(11)) == .stalled)
    machine.handle(.time(12.99))
    #expect(!machine.inputIsGivenUp)
    machine.handle(.time(13))
    #expect(machine.inputIsGivenUp)
    #expect(machine.handle(.inputLost) == .reconnecting)
    #expect(!machine.inputIsGivenUp)
  }

  @Test func aStallEndsWithTheNextAudio() {
    var machine = tracking
    #expect(machine.handle(.time(2)) == .stalled)
    #expect(machine.handle(.audioArrived(at: 2.1)) == .tracking)
    #expect(machine.handle(.time(3)) == nil)
  }

  @Test func anInputThatIsNoDeviceNeverStalls() {
    var machine = tracking
    machine.isLive = false
    #expect(machine.handle(.time(1000)) == nil)
    #expect(machine.state == .tracking)
  }

  /// Half a minute without the device, and then a window until the values follow again.
  @Test func aDeviceThatIsGoneForHalfAMinuteComesBackThroughWarmingUp() {
    var machine = tracking
    machine.handle(.audioArrived(at: 5))
    #expect(machine.handle(.inputLost) == .reconnecting)
    for second in 6...34 { #expect(machine.handle(.time(Double(second))) == nil) }
    #expect(machine.handle(.inputOpened(at: 35)) == .warmingUp)
    machine.handle(.audioArrived(at: 35.1))
    #expect(machine.handle(.tick(windowIsFull: false)) == nil)
    #expect(machine.handle(.tick(windowIsFull: true)) == .tracking)
  }

  @Test func aHundredLossesInARowLeaveNothingBehind() {
    var machine = tracking
    for loss in 1...100 {
      let time = Double(loss) * 10
      #expect(machine.handle(.inputLost) == .reconnecting)
      #expect(machine.handle(.inputOpened(at: time)) == .warmingUp)
      machine.handle(.audioArrived(at: time))
      #expect(machine.handle(.tick(windowIsFull: true)) == .tracking)
    }
    // A device that opens and gives nothing is given up again.
    machine.handle(.inputLost)
    machine.handle(.inputOpened(at: 2000))
    #expect(machine.handle(.time(2001)) == .stalled)
    machine.handle(.time(2003))
    #expect(machine.inputIsGivenUp)
  }

  @Test func quietMustLastAndItsEndMustBeClear() {
    var settings = SilenceSettings()
    settings.threshold = -50
    settings.delay = 2
    var machine = tracking
    machine.silenceSettings = settings
    #expect(machine.handle(.level(-51, seconds: 1)) == nil)
    #expect(machine.isQuiet)
    #expect(machine.handle(.level(-49, seconds: 1)) == nil)
    #expect(machine.handle(.level(-51, seconds: 1)) == nil)
    #expect(machine.handle(.level(-51, seconds: 1)) == .silent)
    // Within the hysteresis of 3 dB it stays silent.
    #expect(machine.handle(.level(-48, seconds: 1)) == nil)
    #expect(machine.handle(.level(-46, seconds: 1)) == .tracking)
    #expect(!machine.isQuiet)
    #expect(machine.handle(.level(-49, seconds: 10)) == nil)
  }

  @Test func silenceIsReachedAtTheSameTimeForEveryHop() {
    for hop in [0.05, 0.1, 0.3, 0.5, 1.0] {
      var machine = tracking
      var time = 0.0
      while machine.state != .silent {
        machine.handle(.level(-120, seconds: hop))
        time += hop
      }
      #expect(abs(time - 3) < hop / 2 + 1e-6, "\(hop)")
    }
  }

  @Test func eachStateHasItsSentence() {
    #expect(TrackerState.allCases.count == 7)
    #expect(Swift.Set(TrackerState.allCases.map(\.meaning)).count == 7)
  }
}
