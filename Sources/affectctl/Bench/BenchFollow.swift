import Affect
import ArgumentParser
import CommandLineSupport
import Platform
import Publishing
import Tracking

struct BenchFollow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Measures how fast arousal follows a change of music, and how calm it is in between.",
    discussion: """
      Sixteen excerpts of 10 s, low and high in arousal in turns by their labels, are cut end to end. Of each cut the \
      time is measured until the published arousal has made 80 % of the step between the second halves of the two \
      excerpts; of each excerpt, the standard deviation in its second half, of which the median is printed.

      The hop is 0.25 s if --hop says nothing else.
      """)

  @OptionGroup var source: DataOptions

  @OptionGroup var pipeline: PipelineOptions

  @OptionGroup var progress: ProgressOptions

  @Flag(help: "Print JSON lines instead of a table: one for each cut, then the summary.")
  var json = false

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      var settings = PipelineSettings()
      settings.hop = Hop(seconds: 0.25)!  // it lies in the range
      settings = pipeline.applied(to: settings)
      let networks = try settings.makePipeline()
      let material = try FollowingMaterial(source.read())
      let curve = try draw(material, networks, settings)
      guard
        let response = StepResponse(
          curve: curve, excerptLength: FollowingMaterial.excerptLength, excerptCount: material.songs.count)
      else {
        throw Failure(
          .invalidData, "\(material.songs[0].path): gives no values: the excerpt is silent")
      }
      let report = FollowReport(response, songs: material.songs, settings: settings)
      Console.writeOutput((json ? report.jsonLines : report.lines).joined(separator: "\n") + "\n")
    }
  }

  /// The published arousal over all excerpts.
  private func draw(
    _ material: FollowingMaterial, _ networks: Pipeline, _ settings: PipelineSettings
  ) throws -> [(time: Double, value: Double)] {
    let tracker = networks.makeTracker(inputRate: FollowingMaterial.sampleRate)
    var curve: [(time: Double, value: Double)] = []
    let collect = { (estimate: AffectEstimate) in
      guard let arousal = estimate.values?.smoothed.arousal else { return }
      curve.append((estimate.audioTime, Double(arousal)))
    }
    let progress = WorkProgress("excerpts", total: material.songs.count, self.progress)
    defer { progress.clear() }
    for (number, song) in material.songs.enumerated() {
      let samples = try material.samples(of: song, channel: settings.channel)
      tracker.push(samples.span, onEstimate: collect)
      progress.show(done: number + 1)
    }
    tracker.finish(onEstimate: collect)
    return curve
  }
}
