import Affect
import Foundation
import TestSupport
import Testing
import affectctl

/// Values without audio: the ways by themselves, and `affectctl simulate` as a person uses it.
@Suite struct SimulateTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func places(_ way: SimulatedWay, _ times: [Double], period: Double = 20) -> [Affect] {
    var way = way
    return times.map { way.affect(at: $0, period: period) }
  }

  @Test func aCircleGoesOnceAround() {
    let places = places(.circle, [0, 5, 10, 15, 20])
    for (place, expected) in zip(places, [(0.8, 0), (0, 0.8), (-0.8, 0), (0, -0.8), (0.8, 0)]) {
      #expect(abs(Double(place.valence) - expected.0) < 1e-6 && abs(Double(place.arousal) - expected.1) < 1e-6)
    }
  }

  @Test func cornersAreVisitedInTheirOrderAndRestedIn() {
    // Each for 5 s, of which it rests for 2.5.
    let places = places(.corners, [0, 2.4, 5, 7.4, 10, 12.4, 15, 17.4, 20])
    let corners = [(1, 1), (1, 1), (-1, 1), (-1, 1), (-1, -1), (-1, -1), (1, -1), (1, -1), (1, 1)]
    for (place, corner) in zip(places, corners) {
      #expect(place == Affect(valence: 0.8 * Float(corner.0), arousal: 0.8 * Float(corner.1)))
    }
    let halfway = self.places(.corners, [3.75])[0]
    #expect(abs(halfway.valence) < 1e-6 && halfway.arousal == 0.8)
  }

  @Test func aWalkIsSmoothStaysInsideAndIsTheSameEachTime() {
    let times = (0..<20_000).map { Double($0) / 10 }
    let walk = places(.walk(SmoothWalk(seed: 4)), times)
    #expect(walk == places(.walk(SmoothWalk(seed: 4)), times) && walk != places(.walk(SmoothWalk(seed: 5)), times))
    for dimension in [\Affect.valence, \Affect.arousal] {
      let values = walk.map { Double($0[keyPath: dimension]) }
      #expect(values.allSatisfy { abs($0) <= 1 })
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
      #expect(abs(mean) < 0.15 && (0.3...0.6).contains(deviation), "\(mean) \(deviation)")
      // In a tenth of a second.
      #expect(zip(values, values.dropFirst()).allSatisfy { abs($1 - $0) < 0.08 })
    }
  }

  @Test func aTableHasStraightLines() {
    let way = SimulatedWay.table([
      (1, Affect(valence: 0, arousal: 0.5)), (3, Affect(valence: 1, arousal: -0.5)),
    ])
    #expect(way.length == 3)
    #expect(
      places(way, [0, 1, 1.5, 2, 3, 9]).map(\.valence) == [0, 0, 0.25, 0.5, 1, 1])
    #expect(places(way, [1.5])[0].arousal == 0.25)
  }

  @Test func itIsPublishedAsAffectdDoes() throws {
    let receiver = try PacketReceiver()
    let path = directory.file("s.sock")
    let simulation = try Program.start(
      "affectctl",
      [
        "simulate", "corners", "--hop", "0.05", "--period", "1", "--socket", path, "--osc",
        "127.0.0.1:\(receiver.port)",
      ])
    #expect(receiver.next() != nil)
    let client = try SocketClient(path)
    #expect(try client.next()?["input"] as? String == "simulate:corners")
    var quadrants: Set<Int> = []
    var last = 0
    while quadrants.count < 4 {
      let line = try #require(try client.next { $0["seq"] != nil })
      let number = try #require(line["seq"] as? Int)
      #expect(last == 0 || number == last + 1)
      last = number
      quadrants.insert(try #require(line["quadrant"] as? Int))
      #expect(line["state"] as? String == "tracking")
    }
    let refused = try Program.run("affectctl", ["freeze", "--socket", path])
    #expect(refused.status == 69 && refused.errors.contains("there is no input that could do that"))
    simulation.signal(SIGINT)
    #expect(simulation.wait() == 0)
    #expect(access(path, F_OK) != 0)
  }

  @Test func whatAnalyzePrintsCanBeSimulated() throws {
    let table = try directory.write(
      """
      time_s,valence,arousal,raw_valence,raw_arousal,level_dbfs,state,valence_trend,arousal_trend,quadrant,confidence
      0.1,,,,,-20.0,warmingUp,,,,
      0.2,0.1,0.2,0.1,0.2,-20.0,tracking,0.0,0.0,1,0.7
      0.3,0.3,0.4,0.3,0.4,-20.0,tracking,0.0,0.0,1,0.7

      """, to: "curve.csv")
    let path = directory.file("t.sock")
    let simulation = try Program.start(
      "affectctl", ["simulate", table, "--hop", "0.1", "--repeat", "--socket", path])
    while access(path, F_OK) != 0 {}
    let client = try SocketClient(path)
    #expect(try client.next { ($0["valence"] as? Double) == 0.3 } != nil)
    #expect(try client.next { ($0["valence"] as? Double) == 0.1 } != nil)
    simulation.signal(SIGTERM)
    #expect(simulation.wait() == 0)
    // Without --repeat it ends by itself.
    let result = try Program.run(
      "affectctl", ["simulate", table, "--hop", "0.1", "--socket", directory.file("u.sock")])
    #expect(result.status == 0)
  }

  @Test func theValuesOfARecordingCanBeSimulated() throws {
    let lines = (1...3).map { tick in
      #"{"type":"affect","seq":\#(tick),"audio_time":\#(tick),"unix_time":\#(1000.0 + Double(tick) / 10),"#
        + #""valence":0.\#(tick),"arousal":-0.5,"level":-20,"state":"tracking"}"#
    }
    let show = try directory.write(
      ([#"{"type":"hello","protocol":1,"hop":1.0}"#] + lines).joined(separator: "\n") + "\n", to: "show.jsonl")
    let path = directory.file("r.sock")
    let simulation = try Program.start(
      "affectctl", ["simulate", show, "--hop", "0.1", "--repeat", "--socket", path])
    while access(path, F_OK) != 0 {}
    let client = try SocketClient(path)
    #expect(try client.next { abs(($0["valence"] as? Double ?? 0) - 0.2) < 1e-3 } != nil)
    simulation.signal(SIGTERM)
    #expect(simulation.wait() == 0)
  }

  @Test(arguments: [
    ("time,valence,arousal\n1,0,0\n", "has no column 'time_s'"), ("time_s,valence,arousal\n", "holds no row"),
    ("time_s,valence,arousal\n1,0,2\n", "line 2: expected a time"), ("time_s,valence,arousal\n1,x,0\n", "line 2"),
    ("time_s,valence,arousal\n1,0,0\n1,0,0\n", "line 3: the time does not rise"),
    ("file,time_s,valence,arousal\na,1,0,0\nb,2,0,0\n", "several files"),
  ]) func aTableThatIsNoneIsRefused(_ text: String, _ message: String) throws {
    let file = try directory.write(text, to: "bad.csv")
    let result = try Program.run("affectctl", ["simulate", file, "--socket", directory.file("v.sock")])
    #expect(result.status == 65 && result.errors.contains(message), "\(result.errors)")
  }

  @Test func aWayThatDoesNotExistIsRefused() throws {
    let result = try Program.run("affectctl", ["simulate", "spiral", "--socket", directory.file("w.sock")])
    #expect(result.status == 66 && result.errors.contains("spiral"))
  }
}
