import Affect
import ArgumentParser
import CommandLineSupport
import Glibc
import Logging
import Platform
import Publishing

@main
struct Affectd: AsyncParsableCommand, Sendable {
  static let configuration = CommandConfiguration(
    commandName: "affectd",
    abstract: "Listens to music and publishes how it feels, as valence and arousal, over a Unix socket and OSC.",
    discussion: """
      Without options and without a configuration it listens to the default input, sends OSC to \(OSCDestination.standard.endpoint) \
      and makes its socket in $XDG_RUNTIME_DIR. Options win over the configuration. `affectctl setup` writes a \
      configuration, `affectctl monitor` shows the values, `affectctl` by itself lists what else can be asked.
      """,
    version: Version.report(of: "affectd"))

  @Option(
    help: ArgumentHelp(
      "What to listen to: alsa:NAME, file:PATH, stdin:RATE,CHANNELS,FORMAT, demo or tone:FREQUENCY. "
        + "(default: alsa:default)", valueName: "input"),
    completion: .list(["alsa:default", "demo", "file:", "stdin:", "tone:"]))
  var input: String?

  @OptionGroup var pipeline: PipelineOptions

  @Option(help: ArgumentHelp("The Unix socket to listen on.", valueName: "path"), completion: .file())
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "Where OSC goes; may be given several times. (default: \(OSCDestination.standard.endpoint))",
      valueName: "host:port"))
  var osc: [HostEndpoint] = []

  @Option(help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
  var config: String?

  @Flag(help: "Wait for a device that is not there yet.")
  var wait = false

  @Flag(help: "Play the built-in demo piece if the input cannot be opened.")
  var demoFallback = false

  @Flag(help: "Show the live view of affectctl monitor; a line per hop where standard output is no terminal.")
  var show = false

  @Flag(help: "Test the configuration and the models, and exit.")
  var check = false

  static func main() async { await main(FileName.arguments) }

  func run() async throws {
    // From here on a signal waits until the daemon can end in order.
    let signals = ProcessSignals.begin()
    let log = { (failure: String) in Self.logger.critical("\(failure)") }
    defer { ConsoleLogHandler.finish() }
    try await Reporting.run(as: "affectd", write: log) {
      signal(SIGPIPE, SIG_IGN)
      let clientLimit = try SystemLimits.raiseDescriptorLimit()
      let configuration = try load()
      let pipeline = try configuration.pipeline.makePipeline()
      guard !check else {
        let file = config ?? ConfigurationFile.standardPath
        Console.writeOutput("\(file ?? "the default configuration"): valid\n")
        return
      }
      let server = Server(configuration, clientLimit: clientLimit, reload: { try load() }, logger: Self.logger)
      try await server.run(pipeline, signals: signals)
    }
  }

  /// The configuration file, and the command line over it.
  private func load() throws -> Configuration {
    var configuration = Configuration()
    if let path = config ?? ConfigurationFile.standardPath { configuration = try ConfigurationFile.read(path) }
    if let input { try configuration.setInput(input) }
    configuration.pipeline = pipeline.applied(to: configuration.pipeline)
    if let socket { configuration.socket = socket }
    if !osc.isEmpty {
      configuration.osc = osc.enumerated().map { OSCDestination(name: "option-\($0.offset + 1)", endpoint: $0.element) }
    }
    if wait { configuration.waitsForInput = true }
    if demoFallback { configuration.fallsBackToDemo = true }
    if show { configuration.showsValues = true }
    return configuration
  }

  private static let logger = Logger(label: "affectd") { _ in ConsoleLogHandler() }
}
