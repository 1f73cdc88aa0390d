import Affect
import ArgumentParser
import AudioInput
import CommandLineSupport
import Glibc
import Logging
import NIOCore
import NIOPosix
import Publishing
import ServiceLifecycle
import Tracking
import UnixSignals

@main
struct Affectd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "affectd",
    abstract: "Listens to music and publishes how it feels, as valence and arousal, over a Unix socket and OSC.",
    version: Version.server)

  @Option(
    help: ArgumentHelp(
      "What to listen to: alsa:NAME, file:PATH, stdin:RATE,CHANNELS,FORMAT, demo or tone:FREQUENCY. "
        + "(default: alsa:default)", valueName: "input"))
  var input: String?

  @OptionGroup var pipeline: PipelineOptions

  @Option(help: ArgumentHelp("The Unix socket to listen on.", valueName: "path"))
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "Where OSC goes; may be given several times. (default: \(OSCDestination.standard))", valueName: "host:port"))
  var osc: [OSCDestination] = []

  @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
  var config: String?

  @Flag(help: "Play the built-in demo piece if the input cannot be opened.")
  var demoFallback = false

  @Flag(help: "Show valence and arousal on standard output, even if that is no terminal.")
  var show = false

  func run() async throws {
    try await ProgramFailure.reporting(as: "affectd") {
      signal(SIGPIPE, SIG_IGN)
      // From here on a signal waits until the daemon can end in order.
      let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
      Self.raiseDescriptorLimit()
      let configuration = try settings()
      let logger = Logger(label: "affectd") { _ in ConsoleLogHandler() }
      let pipeline = try configuration.pipeline.makePipeline()
      var inputText = configuration.inputText
      let reader = try Self.open(configuration, orDemo: demoFallback, &inputText)
      try await serve(reader, inputText, pipeline, configuration, signals, logger)
    }
  }

  /// The configuration file, and the command line over it.
  private func settings() throws -> Configuration {
    var configuration = Configuration()
    if let path = config ?? ConfigurationFile.standardPath { configuration = try ConfigurationFile.read(path) }
    if let input { try configuration.setInput(input) }
    configuration.pipeline = pipeline.applied(to: configuration.pipeline)
    if let socket { configuration.socket = socket }
    if !osc.isEmpty { configuration.osc = osc }
    return configuration
  }

  /// Opens the input, or the demo piece in its place; `inputText` becomes what is really played.
  private static func open(
    _ configuration: Configuration, orDemo demoFallback: Bool, _ inputText: inout String
  ) throws -> sending MonoReader {
    do {
      return try configuration.input.open(channel: configuration.pipeline.channel)
    } catch {
      if demoFallback {
        Console.writeError("affectd: \(error.description): playing the built-in demo piece instead\n")
        inputText = "demo"
        return try AudioInputName.demo.open(channel: .average)
      }
      let devices = DeviceTable.text(CaptureDevice.all())
      throw ProgramFailure(.noInput, "\(error.description)\nCapture devices:\n\(devices)")
    }
  }

  private func serve(
    _ reader: sending MonoReader, _ inputText: String, _ pipeline: sending Pipeline, _ configuration: Configuration,
    _ signals: UnixSignalsSequence, _ logger: Logger
  ) async throws {
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let hello = HelloLine(
      input: inputText, embedding: pipeline.embeddingName, model: pipeline.modelName, hop: configuration.pipeline.hop)
    let socketPath = try configuration.socket ?? SocketLocation.forDaemon()
    var senders: [OSCSender] = []
    for destination in configuration.osc { senders.append(try await OSCSender.open(destination, on: loops)) }
    let server = try await SocketServer.listen(path: socketPath, hello: hello.json, on: loops)
    let publishers = Publishers(socket: server, osc: senders)
    let display = show || Console.outputIsTerminal ? TerminalDisplay() : nil

    let format = reader.source.format
    let channels = format.channelCount == 1 ? "1 channel" : "\(format.channelCount) channels"
    logger.info("listening to \(inputText), \(format.sampleRate) Hz, \(channels)")
    logger.info(
      "\(pipeline.embeddingName), \(pipeline.modelName), a value every \(configuration.pipeline.hop.seconds) s")
    logger.info("socket \(socketPath)")
    logger.info("OSC to \(configuration.osc.map(\.description).joined(separator: ", "))")
    for warning in reader.source.warnings { logger.warning("\(warning)") }

    let (events, continuation) = AsyncStream.makeStream(
      of: TrackingThread.Event.self, bufferingPolicy: .bufferingNewest(256))
    let tracker = pipeline.makeTracker(inputRate: reader.sampleRate)
    let capture = CaptureThread.start(reader)
    TrackingThread.start(tracker, capture: capture) { event in
      if case .estimate(let estimate, let unixTime) = event { publishers.publish(estimate, unixTime: unixTime) }
      continuation.yield(event)
    }
    let service = TrackingService(capture: capture, events: events, display: display, logger: logger)
    var group = ServiceGroupConfiguration(
      services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
      logger: Self.quietLogger)
    // A network in the middle of a slow window is not waited for.
    group.maximumGracefulShutdownDuration = .milliseconds(500)
    let services = ServiceGroup(configuration: group)
    let waiting = Task {
      for await _ in signals { await services.triggerGracefulShutdown() }
    }
    defer {
      waiting.cancel()
      display?.finish()
    }
    do {
      try await services.run()
    } catch {
      await publishers.close()
      throw error
    }
    await publishers.close()
  }

  /// The lifecycle library's own messages are about itself.
  private static var quietLogger: Logger {
    Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
  }

  /// Each subscriber takes a descriptor: use as many as the system allows.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
