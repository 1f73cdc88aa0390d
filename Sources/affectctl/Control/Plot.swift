import Affect
import ArgumentParser
import CommandLineSupport
import Platform
import Plotting
import Publishing

struct Plot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws a recorded show, with its marks.",
    discussion: "The times are those since the beginning of the recording.")

  @Argument(help: ArgumentHelp("What `affectctl record` wrote.", valueName: "recording"), completion: .file())
  var file: String

  @OptionGroup var pictures: CurvePictureOptions

  func validate() throws {
    guard !pictures.isEmpty else { throw ValidationError("name a picture with --plot or --plot-plane") }
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let pictures = try pictures.open(inputs: [file])
      var curve = AffectCurve(title: PictureFile.title(of: file))
      var recording = try RecordingFile(path: file)
      var start: Double?
      while let entry = try recording.next() {
        guard let time = entry.unixTime else { continue }
        let first = start ?? time
        start = first
        switch entry {
        case .hello, .state: break
        case .estimate(let estimate): curve.points.append(AffectCurve.Point(estimate.estimate, at: time - first))
        case .mark(let label, _):
          curve.marks.append(AffectCurve.Mark(time: time - first, label: label.isEmpty ? "mark" : label))
        }
      }
      guard !curve.points.isEmpty else { throw Failure(.invalidData, "\(file): holds nothing that could be drawn") }
      try pictures.draw(curve)
    }
  }
}
