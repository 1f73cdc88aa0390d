import Platform
import Testing

@Suite struct LockedTests {
  @Test func noAdditionIsLost() async {
    let sum = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<10_000 { sum.withValue { $0 += 1 } } }
      }
    }
    #expect(sum.withValue { $0 } == 80_000)
  }

  @Test func whoWaitsIsToldOfTheChange() {
    let box = Locked(0)
    startThread(name: "adder") { for _ in 0..<5 { box.withValue { $0 += 1 } } }
    let seen = box.withValue(
      when: { $0 == 5 },
      do: { value in
        defer { value = -1 }
        return value
      })
    #expect(seen == 5 && box.withValue { $0 } == -1)
  }

  @Test func whatDoesNotComeIsWaitedForNoLongerThanAllowed() {
    let box = Locked(0)
    #expect(box.withValue(when: { $0 == 1 }, within: 0.01, do: { $0 }) == nil)
    #expect(box.withValue(when: { $0 == 0 }, within: 0, do: { $0 }) == 0)
  }
}
