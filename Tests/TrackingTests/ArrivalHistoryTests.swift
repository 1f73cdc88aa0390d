import Testing
import Tracking

@Suite struct ArrivalHistoryTests {
  @Test func aPositionArrivedWithTheReadThatCompletedIt() {
    var history = ArrivalHistory()
    #expect(history.time(ofArrivalAt: 1) == nil)
    history.append(end: 480, time: 1)
    history.append(end: 960, time: 2)
    history.append(end: 1440, time: 3)
    #expect(history.time(ofArrivalAt: 480) == 1)
    #expect(history.time(ofArrivalAt: 481) == 2)
    #expect(history.time(ofArrivalAt: 960) == 2)
    #expect(history.time(ofArrivalAt: 1440) == 3)
    #expect(history.time(ofArrivalAt: 1441) == nil)
    history.restart()
    #expect(history.time(ofArrivalAt: 480) == nil)
  }

  @Test func whatIsOlderThanTheHistoryIsNotKnown() {
    var history = ArrivalHistory(capacity: 16)
    for index in 1...100 { history.append(end: index * 10, time: Double(index)) }
    #expect(history.time(ofArrivalAt: 10) == nil)
    #expect(history.time(ofArrivalAt: 855) == 86)
    #expect(history.time(ofArrivalAt: 1000) == 100)
  }
}
