import Affect
import ArgumentParser
import AudioInput
import CommandLineSupport
import Platform
import Publishing

struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publishes a recording again, with its timing, over a socket and OSC as affectd does.",
    discussion: "So a show can be programmed without the band. The settings for OSC are those of affectd.")

  @Argument(help: ArgumentHelp("What `affectctl record` wrote.", valueName: "file"), completion: .file())
  var file: String

  @OptionGroup var publishing: PublishingOptions

  @Flag(help: "Begin again at the end.")
  var `repeat` = false

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      // A recording that is broken is refused before anybody hears of it.
      let hop = try RecordingFile(path: file).check()
      let hello = HelloLine(input: "replay:\(file)", embedding: "recorded", model: "recorded", hop: hop)
      let open = try await publishing.open(hello)
      let publisher = open.publisher
      Console.writeError("affectctl: replaying \(file)\n")
      do {
        repeat {
          guard try await play(publisher) else {
            throw Failure(.invalidData, "\(file): holds nothing that could be published")
          }
          // The first hop comes as long after the last one as hops do.
          if self.repeat { await PublishingWithoutAudio.wait(until: SystemClock().now + hop.seconds) }
        } while self.repeat && !Interruption.isRequested
      } catch {
        await open.close()
        throw error
      }
      await open.close()
    }
  }

  /// Publishes the recording once. Its first entry is published at once, the others as long after it as they were.
  /// Ends early if the person asks for it.
  ///
  /// - Returns: whether there was anything.
  private func play(_ publisher: Publisher) async throws -> Bool {
    let clock = SystemClock()
    var reader = try RecordingFile(path: file)
    // By a clock that nobody sets; what is published has the time on the wall.
    var start: (recorded: Double, now: Double, wall: Double)?
    while let entry = try reader.next() {
      guard let recorded = entry.unixTime else { continue }
      let first = start ?? (recorded, clock.now, clock.wall)
      start = first
      let elapsed = recorded - first.recorded
      await PublishingWithoutAudio.wait(until: first.now + elapsed)
      if Interruption.isRequested { break }
      let time = first.wall + elapsed
      switch entry {
      case .hello: break
      case .estimate(let estimate): publisher.publish(TimedEstimate(estimate.estimate, unixTime: time))
      case .state(let state, _): publisher.publish(state, unixTime: time)
      case .mark(let label, _): publisher.publishMark(label, unixTime: time)
      }
    }
    return start != nil
  }
}
