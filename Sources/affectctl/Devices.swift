import ArgumentParser
import AudioInput
import CommandLineSupport
import Glibc
import Publishing

struct Devices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tries the capture devices, and lists them as --input takes them.",
    discussion:
      "Each is opened for a moment: what works comes with its rate and its channels, the others with the reason.")

  @Flag(help: "Print a JSON array for programs.")
  var json = false

  func run() async throws {
    let probes = Self.silencingErrors { DeviceProbe.all() }
    guard json else {
      Console.writeOutput(Self.table(probes) + "\n")
      return
    }
    let objects = probes.map { probe in
      var line = JSONLine()
      line.add("input", probe.device.input)
      line.add("description", probe.device.description)
      line.add("default", probe.device.input == Self.standard)
      line.add("works", probe.format != nil)
      if let format = probe.format {
        line.add("rate", format.sampleRate)
        line.add("channels", format.channelCount)
      } else {
        line.add("problem", probe.summary)
      }
      return line.object
    }
    Console.writeOutput("[\(objects.joined(separator: ",\n "))]\n")
  }

  /// Runs `body` while nothing goes to standard error: ALSA's plugins print there why they do not work, which is said
  /// in the list.
  static func silencingErrors<Result>(_ body: () -> Result) -> Result {
    let kept = dup(STDERR_FILENO)
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    dup2(nowhere, STDERR_FILENO)
    defer {
      dup2(kept, STDERR_FILENO)
      close(kept)
      close(nowhere)
    }
    return body()
  }

  /// What affectd listens to if nothing is said.
  private static let standard = Configuration().inputText

  private static func table(_ probes: [DeviceProbe]) -> String {
    guard !probes.isEmpty else { return "ALSA lists no capture device." }
    let inputWidth = probes.map(\.device.input.count).max() ?? 0
    let works = probes.filter { $0.format != nil }
    let summaryWidth = works.map(\.summary.count).max() ?? 0
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    // What works comes first.
    let rows = works.map { probe in
      let note = probe.device.input == standard ? "  (the default)" : ""
      return
        "\(padded(probe.device.input, inputWidth))  \(padded(probe.summary, summaryWidth))  \(probe.device.description)\(note)"
    }
    let others = probes.filter { $0.format == nil }.map { probe in
      "\(padded(probe.device.input, inputWidth))  \(probe.summary)"
    }
    return (rows + (others.isEmpty ? [] : (rows.isEmpty ? [] : [""]) + ["These give nothing at the moment:"] + others))
      .joined(separator: "\n")
  }
}

extension DeviceProbe {
  fileprivate var format: AudioFormat? { if case .works(let format) = outcome { format } else { nil } }

  var works: Bool { format != nil }
}
