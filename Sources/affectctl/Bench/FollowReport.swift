import Affect
import CommandLineSupport
import Publishing
import Tracking

/// What `bench follow` prints.
struct FollowReport {
  private let response: StepResponse
  private let songs: [FollowingMaterial.Song]
  private let settings: PipelineSettings

  init(_ response: StepResponse, songs: [FollowingMaterial.Song], settings: PipelineSettings) {
    self.response = response
    self.songs = songs
    self.settings = settings
  }

  private var skippedCount: Int { response.cuts.count { $0.delay == nil } }

  /// A table for people.
  var lines: [String] {
    var lines = [Self.row("cut", "from", "to", "before", "after", "step", "80 % after")]
    for (cut, (from, to)) in zip(response.cuts, zip(songs, songs.dropFirst())) {
      lines.append(
        Self.row(
          cut.time.fixed(0) + " s", from.identifier, to.identifier, cut.before.fixed(3),
          cut.after.fixed(3), cut.step.fixed(3), Self.seconds(cut.delay)))
    }
    lines += [
      "",
      "hop \(settings.hop.seconds) s, smoothing \(settings.smoothing)",
      "80 % of the step: median \(Self.seconds(response.medianDelay)), worst \(Self.seconds(response.worstDelay))",
      "standard deviation inside an excerpt: median \(response.steadyDeviation.map { $0.fixed(4) } ?? "-")",
    ]
    if skippedCount > 0 {
      lines.append("cuts left out, because their step is smaller than \(StepResponse.leastStep): \(skippedCount)")
    }
    return lines
  }

  /// A line for each cut, then the summary.
  var jsonLines: [String] {
    var lines: [String] = []
    for (cut, (from, to)) in zip(response.cuts, zip(songs, songs.dropFirst())) {
      var line = JSONLine()
      line.add("type", "cut")
      line.add("time", cut.time)
      line.add("from", from.identifier)
      line.add("to", to.identifier)
      line.add("before", Self.rounded(cut.before))
      line.add("after", Self.rounded(cut.after))
      line.add("delay", Self.rounded(cut.delay ?? .nan))  // null
      lines.append(line.object)
    }
    var summary = JSONLine()
    summary.add("type", "follow")
    summary.add("hop", settings.hop.seconds)
    summary.add("smoothing", settings.smoothing.description)
    summary.add("cuts", response.cuts.count)
    summary.add("skipped_cuts", skippedCount)
    summary.add("median_delay", Self.rounded(response.medianDelay ?? .nan))
    summary.add("worst_delay", Self.rounded(response.worstDelay ?? .nan))
    summary.add("standard_deviation", Self.rounded(response.steadyDeviation ?? .nan))
    return lines + [summary.object]
  }

  // MARK: - Text

  private static func row(_ fields: String...) -> String {
    zip(fields, [6, 8, 8, 9, 9, 9, 13])
      .map { field, width in String(repeating: " ", count: max(0, width - field.count)) + field }
      .joined()
  }

  private static func seconds(_ value: Double?) -> String {
    value.map { $0.fixed(2) + " s" } ?? "-"
  }

  private static func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
}
