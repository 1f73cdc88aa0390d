import Publishing
import Testing

@Suite struct LeaseTableTests {
  /// A table whose changes can be expected.
  private final class Leases<Holder: Hashable & Sendable> {
    private var table: LeaseTable<Holder>

    init(duration: Double, limit: Int) { table = LeaseTable(duration: duration, limit: limit) }

    var holders: Set<Holder> { Set(table.holders) }

    func renew(_ holder: Holder, now: Double) -> Bool { table.renew(holder, now: now) }

    func end(_ holder: Holder) { table.end(holder) }

    func expire(now: Double) -> [Holder] { table.expire(now: now) }
  }

  @Test func aLeaseEndsAfterItsTime() {
    let leases = Leases<String>(duration: 10, limit: 4)
    #expect(leases.renew("a", now: 100))
    #expect(leases.renew("b", now: 105))
    #expect(leases.expire(now: 109.9) == [])
    #expect(leases.expire(now: 110) == ["a"])
    #expect(leases.holders == ["b"])
    #expect(leases.expire(now: 1000) == ["b"])
    #expect(leases.expire(now: 2000) == [])
  }

  @Test func aRenewedLeaseCountsFromThen() {
    let leases = Leases<String>(duration: 10, limit: 4)
    #expect(leases.renew("a", now: 0))
    #expect(leases.renew("a", now: 9))
    #expect(leases.expire(now: 18) == [])
    #expect(leases.expire(now: 19) == ["a"])
  }

  @Test func aLeaseCanBeGivenBack() {
    let leases = Leases<String>(duration: 10, limit: 1)
    #expect(leases.renew("a", now: 0))
    leases.end("a")
    leases.end("never had one")
    #expect(leases.holders.isEmpty)
    #expect(leases.renew("b", now: 0))
    #expect(leases.expire(now: 10) == ["b"])
  }

  @Test func thereAreSoManyLeasesAndNoMore() {
    let leases = Leases<Int>(duration: 10, limit: 3)
    for holder in 1...3 { #expect(leases.renew(holder, now: Double(holder))) }
    #expect(!leases.renew(4, now: 4))
    // Those who have one may keep it.
    #expect(leases.renew(1, now: 4))
    #expect(leases.holders == [1, 2, 3])
    #expect(leases.expire(now: 12) == [2])
    #expect(leases.renew(4, now: 12))
  }
}
