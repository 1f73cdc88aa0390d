import ArgumentParser
import AudioInput
import CommandLineSupport
import Platform
import Tracking
import Training
import Venue

struct BenchVenue: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "venue",
    abstract: "Measures how right a model is through microphones, in rooms and at other levels.",
    discussion: """
      The songs of DATA are played through simulated venues, the same ones every time, and scored at each label. Take \
      songs that the model was not trained on. The rooms are simulated: no real venue was measured.
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var pipeline: PipelineOptions

  @OptionGroup var progress: ProgressOptions

  @Option(help: ArgumentHelp("At most so many songs, evenly spread over DATA.", valueName: "count"))
  var songs = 150

  @Flag(help: "Calibrate in each venue first, by six other songs that are played there.")
  var calibrated = false

  @Flag(help: "As after hours of adaptation in each venue (--adapt): by all the songs that are scored.")
  var adapted = false

  @Flag(help: "Print JSON lines instead of a table, one for each venue.")
  var json = false

  private static let calibrationSongs = 6
  /// Of each of them.
  private static let calibrationSeconds = 12

  /// What `songs` measure, played one after the other.
  private func measure(_ songs: [LabelledSong], in venue: Venue) throws -> VenueMeasurement.Result {
    let rate = 16_000
    var music: [Float] = []
    for song in songs {
      let samples = try MonoReader(SoundFileSource(path: song.audioPath), channel: .average).readAll(atRate: rate)
      music += samples.prefix(Self.calibrationSeconds * rate)
    }
    let recording = venue.record(music, rate: rate, seed: 1_000_003)
    var measurement = VenueMeasurement(rate: rate)
    measurement?.add(recording.span)
    guard let result = measurement?.result else {
      throw Failure(.invalidData, "the songs to calibrate by are silent")
    }
    return result
  }

  func validate() throws {
    guard songs >= 2 else { throw ValidationError("--songs: expected 2 or more") }
    guard !(calibrated && adapted) else { throw ValidationError("--calibrated and --adapted do not go together") }
    guard !adapted || pipeline.adapt != .off else {
      throw ValidationError("--adapted and --adapt off contradict each other")
    }
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let settings = pipeline.applied(to: PipelineSettings())
      let labelled = try data.read().songs.filter { !$0.dynamicLabels.isEmpty }
      guard labelled.count > 1 else {
        throw Failure(.invalidData, "\(data.data): there are not two songs with labels over time")
      }
      let count = min(songs, labelled.count)
      let chosen = (0..<count).map { labelled[$0 * labelled.count / count] }
      let chosenNames = Set(chosen.map(\.identifier))
      let rest = labelled.filter { !chosenNames.contains($0.identifier) }
      let others = (0..<min(Self.calibrationSongs, rest.count)).map { rest[$0 * rest.count / Self.calibrationSongs] }
      guard !calibrated || others.count == Self.calibrationSongs else {
        throw Failure(
          .invalidData, "--calibrated needs \(Self.calibrationSongs) songs beside those that are scored: lower --songs")
      }
      let progress = WorkProgress("songs heard", total: chosen.count * Venue.conditions.count, self.progress)
      defer { progress.clear() }
      var results: [VenueReport.Result] = []
      for condition in Venue.conditions {
        var settings = settings
        if calibrated {
          settings.calibration = Calibration(try measure(others, in: condition.venue), reference: .music)
        } else if adapted {
          settings.calibration = Calibration(
            longAdaptationTo: try measure(chosen, in: condition.venue), settings.following)
          settings.following = .off
        }
        let scored = try await ScoredModel(
          settings, songs: chosen, labelShift: 0,
          change: { index, samples, rate in
            condition.venue.record(samples, rate: rate, seed: UInt64(index))
          }, progress: { progress.advance() })
        guard !scored.songs.isEmpty else {
          throw Failure(.invalidData, "\(condition.name): no song could be scored")
        }
        results.append(VenueReport.Result(condition: condition.name, songs: scored.songs))
      }
      progress.clear()
      let report = VenueReport(results)
      Console.writeOutput((json ? report.jsonLines : report.lines).joined(separator: "\n") + "\n")
    }
  }
}
