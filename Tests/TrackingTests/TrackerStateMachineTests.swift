import Affect
import Testing
import Tracking

/// The states, driven without a clock.
@Suite struct TrackerStateMachineTests {
  /// A machine whose input is open and whose window is full.
  private var tracking: TrackerStateMachine {
    var machine = TrackerStateMachine()
    machine.handle(.networksReady)
    machine.handle(.input(.open))
    machine.handle(.tick(windowIsFull: true))
    return machine
  }

  @Test func aStartGoesThroughWarmingUpToTracking() {
    var machine = TrackerStateMachine()
    #expect(machine.state == .starting)
    #expect(machine.handle(.input(.open)) == nil)
    #expect(machine.handle(.networksReady) == .warmingUp)
    #expect(machine.handle(.tick(windowIsFull: false)) == nil)
    #expect(machine.handle(.tick(windowIsFull: true)) == .tracking)
    #expect(machine.handle(.stop) == .stopping)
    #expect(machine.handle(.input(.open)) == nil)
    #expect(machine.state == .stopping)
  }

  @Test func aDeviceThatIsAbsentAtTheStartIsWaitedFor() {
    var machine = TrackerStateMachine()
    machine.handle(.networksReady)
    #expect(machine.handle(.input(.lost)) == .reconnecting)
    #expect(machine.handle(.input(.lost)) == nil)
    #expect(machine.handle(.input(.open)) == .warmingUp)
  }

  @Test func aStallEndsWhereItBegan() {
    var machine = tracking
    #expect(machine.handle(.input(.stalled)) == .stalled)
    #expect(machine.handle(.input(.open)) == .tracking)
  }

  @Test func aDeviceThatWasLostComesBackThroughWarmingUp() {
    var machine = tracking
    for _ in 1...100 {
      #expect(machine.handle(.input(.stalled)) == .stalled)
      #expect(machine.handle(.input(.lost)) == .reconnecting)
      #expect(machine.handle(.input(.open)) == .warmingUp)
      #expect(machine.handle(.tick(windowIsFull: false)) == nil)
      #expect(machine.handle(.tick(windowIsFull: true)) == .tracking)
    }
  }

  @Test func withoutMusicTheStateSaysSo() {
    var machine = tracking
    #expect(machine.handle(.sound(isMusic: false)) == .noMusic)
    // Silence is silence, and a loss forgets what was heard before it.
    #expect(machine.handle(.level(-120, seconds: 10)) == .silent)
    #expect(machine.handle(.level(-20, seconds: 1)) == .noMusic)
    #expect(machine.handle(.sound(isMusic: true)) == .tracking)
    machine.handle(.sound(isMusic: false))
    #expect(machine.handle(.input(.lost)) == .reconnecting)
    #expect(machine.handle(.input(.open)) == .warmingUp)
  }

  @Test func aLossEndsASilence() {
    var machine = tracking
    #expect(machine.handle(.level(-120, seconds: 10)) == .silent)
    #expect(machine.handle(.input(.lost)) == .reconnecting)
    #expect(machine.handle(.input(.open)) == .warmingUp)
    #expect(!machine.isQuiet)
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
    #expect(TrackerState.allCases.count == 8)
    #expect(Swift.Set(TrackerState.allCases.map(\.meaning)).count == 8)
  }
}
