import ArgumentParser
import AudioInput
import CommandLineSupport
import Platform
import Publishing
import Tracking

struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the input, and keeps what brings it to the level and the colour of recorded music.",
    discussion: """
      Play music as it will be played, at the level at which it will be played, several pieces of it; or pink noise \
      (affectctl noise) with --noise, at the level of the music. From 60 s of music, or 15 s of noise, on there is a filter \
      for the colour beside the gain. Both are static. They are kept for this input from one start to the next; the \
      setting input.gain wins over the gain.

      With --from recordings are measured instead, and the calibration goes to a file for --calibration.
      """)
  @OptionGroup var connection: SocketOption

  @Option(help: ArgumentHelp("How long to measure, 5 to 600 s. (default: 60, with --noise 20)", valueName: "seconds"))
  var seconds: Double?

  @Flag(help: "What is played is pink noise, as affectctl noise writes it.")
  var noise = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Measure these recordings of the venue, and not a running affectd.", valueName: "files"),
    completion: .file())
  var from: [String] = []

  @Option(
    name: .customLong("out"), help: ArgumentHelp("Write the calibration to this file.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("Draw the filter into this file, .svg or .png.", valueName: "file"), completion: .file())
  var plot: String?

  @Flag(help: "Print one JSON object.") var json = false

  @OptionGroup var progress: ProgressOptions

  func validate() throws {
    guard output == nil || !from.isEmpty else {
      throw ValidationError("--out goes with --from: what affectd measures, it keeps itself")
    }
  }

  func run() async throws {
    guard from.isEmpty else { return try await Reporting.run(as: "affectctl") { try measureFiles() } }
    let seconds = seconds ?? (noise ? 20 : 60)
    var parameters = JSONLine()
    parameters.add("seconds", seconds)
    parameters.add("noise", noise)
    let request = parameters
    try await connection.withClient { client in
      // Before the minute, not after it.
      let picture = try plot.map { try PictureFile($0) }
      let progress = WorkProgress("heard", total: Int(seconds * 10), progress)
      let clock = SystemClock()
      let start = clock.now
      // The lines that come meanwhile say that time goes on.
      let result = try client.call("calibrate", request, taking: seconds + 15) {
        progress.show(done: Int((clock.now - start) * 10))
      }
      progress.clear()
      if let picture { try picture.write(svg: CalibrationPlot(result).svg) }
      guard !json else { return Report.write(result, json: true) }
      Console.writeOutput(CalibrationSummary(result).lines.map { $0 + "\n" }.joined())
    }
  }

  /// Recordings of the same rate are measured as one.
  private func measureFiles() throws {
    // Before the work, not after it; a recording is no place for a result.
    let file = try output.map { try OutputFile(path: $0, inputs: from) }
    let picture = try plot.map { try PictureFile($0, inputs: from) }
    var rate: Int?
    var measurement: VenueMeasurement?
    for file in from {
      let warnings = try FileReading.read(file, channel: .average, progress: progress) { fileRate in
        guard rate == nil || rate == fileRate else {
          throw Failure(
            .invalidData, file, "has \(fileRate) Hz, the first recording \(rate ?? 0): convert them to one rate")
        }
        rate = fileRate
        if measurement == nil { measurement = VenueMeasurement(rate: fileRate) }
      } consume: {
        measurement?.add($0)
      }
      for warning in warnings { Console.warn("affectctl", warning) }
    }
    let reference = noise ? Calibration.Reference.pinkNoise : .music
    guard let result = measurement?.result else {
      throw Failure(.invalidData, "nothing in the recordings was loud enough to be measured")
    }
    let calibration = Calibration(result, reference: reference)
    if calibration.filter == nil {
      let least = Int(reference.leastSeconds)
      Console.warn("affectctl", "the colour stays as it is: at least \(least) s have to be heard for that")
    }
    if let picture {
      let spectra = result.decibels.map { (heard: $0, played: reference.spectrum) }
      try picture.write(
        svg: CalibrationPlot(gain: calibration.gain, filter: calibration.filter, spectra: spectra).svg)
    }
    var line = CalibrationFile.line(calibration)
    line.add("spectrum", (result.decibels ?? []).map { ($0 * 10).rounded() / 10 })
    let text = line.object
    if let output, let file {
      try file.writeLine(CalibrationFile.line(calibration).object)
      try file.finish()
      Console.writeOutput("\(output): written, \(text)\n")
    } else {
      Console.writeOutput(text + "\n")
    }
  }
}
