import Affect
import ArgumentParser
import CommandLineSupport
import Platform
import Publishing
import Tracking

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publishes a made-up way of valence and arousal, without audio and without a model.",
    discussion: """
      For building visuals on a train, and for checking a desk's patch: over the same socket and OSC as affectd. Takes the \
      place of affectd until Ctrl-C. A table is what affectctl analyze prints, or any CSV with the columns time_s, valence \
      and arousal. Of a recording (.jsonl) only the values are taken; affectctl replay plays it with its marks and states.
      """)

  @Argument(
    help: ArgumentHelp("circle, corners, walk, a CSV file or a recording.", valueName: "way"),
    completion: .list(["circle", "corners", "walk"]))
  var way = "circle"

  @Option(help: ArgumentHelp("Of a circle, or of all four corners, 1 to 600.", valueName: "seconds"))
  var period = 20.0

  @Option(help: ArgumentHelp("From one value to the next, 0.05 to 5 s.", valueName: "seconds"))
  var hop = Hop.standard.seconds

  @Option(help: ArgumentHelp("Another walk.", valueName: "number"))
  var seed: UInt64 = 1

  @Flag(help: "Begin again at the end of a table.")
  var `repeat` = false

  @OptionGroup var publishing: PublishingOptions

  func validate() throws {
    guard (1...600).contains(period) else { throw ValidationError("--period: expected 1 to 600 seconds") }
    guard Hop(seconds: hop) != nil else { throw ValidationError("--hop: expected 0.05 to 5 seconds") }
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let hop = Hop(seconds: hop) ?? .standard
      var way = try makeWay()
      let length = way.length
      let hello = HelloLine(input: "simulate:\(self.way)", embedding: "none", model: "none", hop: hop)
      let open = try await publishing.open(hello)
      Console.writeError("affectctl: simulating \(self.way), a value every \(hop.seconds) s, until Ctrl-C\n")
      var quadrants = QuadrantDetector(deadBand: TrackerSettings(hop: hop).deadBand)
      var trend = TrendMeter()
      let clock = SystemClock()
      let start = clock.now
      var tick = 0
      while !Interruption.isRequested {
        tick += 1
        let time = hop.time(ofTick: tick)
        var place = time
        if let length, time > length {
          guard self.repeat, length > 0 else { break }
          place = time.truncatingRemainder(dividingBy: length)
        }
        await PublishingWithoutAudio.wait(until: start + time)
        let affect = way.affect(at: place, period: period)
        let values = AffectEstimate.Values(
          smoothed: affect, raw: affect, trend: trend.add(affect, at: time), quadrant: quadrants.quadrant(of: affect),
          confidence: nil)
        let estimate = AffectEstimate(
          tick: tick, audioTime: time, values: values, level: Self.level, state: .tracking, gap: 0)
        open.publisher.publish(TimedEstimate(estimate, unixTime: clock.wall))
      }
      await open.close()
    }
  }

  /// dBFS: there is no sound, and silence would be another state.
  private static let level: Float = -20

  /// The values of a recording, from its beginning on.
  private func recorded(_ path: String) throws(Failure) -> [(time: Double, affect: Affect)] {
    var recording = try RecordingFile(path: path)
    var rows: [(time: Double, affect: Affect)] = []
    var start: Double?
    while let entry = try recording.next() {
      guard case .estimate(let estimate) = entry, let affect = estimate.estimate.values?.smoothed else { continue }
      let time = estimate.unixTime - (start ?? estimate.unixTime)
      start = start ?? estimate.unixTime
      if time > rows.last?.time ?? -1 { rows.append((time, affect)) }
    }
    guard !rows.isEmpty else { throw Failure(.invalidData, "\(path): holds no values") }
    return rows
  }

  private func makeWay() throws -> SimulatedWay {
    switch way {
    case "circle": .circle
    case "corners": .corners
    case "walk": .walk(SmoothWalk(seed: seed))
    // A recording is lines of JSON.
    default: .table(try way.hasSuffix(".jsonl") ? recorded(way) : AffectTableReader.read(way))
    }
  }
}
