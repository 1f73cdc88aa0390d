import Affect
import ArgumentParser
import AudioInput
import CommandLineSupport
import Glibc
import Platform
import Publishing

struct Setup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Asks what affectd is to listen to and where its values go, tries both, and writes the configuration.",
    discussion: """
      What is given as an option is not asked. Without a terminal nothing is asked at all: --input is needed then, and the \
      rest is as if Enter had been pressed.
      """)

  @Option(
    help: ArgumentHelp("What to listen to, as affectctl devices lists it, or demo.", valueName: "input"),
    completion: .list(["alsa:default", "demo"]))
  var input: String?

  @Option(help: ArgumentHelp("From one value to the next, 0.05 to 5 s.", valueName: "seconds"))
  var hop: Hop?

  @Option(help: ArgumentHelp("Where OSC goes.", valueName: "host:port"))
  var osc: HostEndpoint?

  @Flag(help: "Send nothing by OSC.")
  var noOSC = false

  @Option(help: ArgumentHelp("Listen to the level of a device for so long, 0 to 600 s.", valueName: "seconds"))
  var listen: Double?

  @Option(help: ArgumentHelp("Send a circle to --osc for so long, 0 to 600 s.", valueName: "seconds"))
  var pattern: Double?

  @Option(
    name: [.short, .customLong("out")],
    help: ArgumentHelp("The file to write. (default: ~/.config/affectd/affectd.toml)", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Write over a file that is there already.")
  var replace = false

  private var talk: Conversation { Conversation() }

  func validate() throws {
    guard osc == nil || !noOSC else { throw ValidationError("--osc and --no-osc contradict each other") }
    for (name, seconds) in [("listen", listen), ("pattern", pattern)] {
      guard (0...600).contains(seconds ?? 0) else { throw ValidationError("--\(name): expected 0 to 600 seconds") }
    }
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      guard let path = output ?? ConfigurationFile.userPath else {
        throw Failure(.usage, "there is no home to write to: name a file with --out")
      }
      try checkPlace(path)
      let input = try chooseInput()
      let name = try AudioInputName(input)
      if case .alsa(let device) = name { try listen(to: device) }
      let hop = try chooseHop()
      let file = SetupFile(input: input, hop: hop, osc: try await chooseOSC())
      // What is written must be right: it is read before anybody has it.
      _ = try ConfigurationFile.parse(text: file.text, path: path)
      try write(file.text, to: path)
      talk.say("\(path): written")
      talk.say("Now start affectd, and look at it with affectctl monitor:")
      let isStandard = path == ConfigurationFile.userPath
      talk.say(isStandard ? "  affectd --show" : "  affectd --show --config \(path)")
      if isStandard { talk.say("  systemctl --user enable --now affectd     (if it is installed, as a service)") }
    }
  }

  /// Before the questions, not after them.
  private func checkPlace(_ path: String) throws(Failure) {
    guard access(path, F_OK) == 0, !replace else { return }
    guard Conversation.isPossible else {
      throw Failure(
        .cannotCreate, "\(path): is there already: write over it with --replace, or name another with --out")
    }
    guard try talk.confirm("\(path) is there already. Write over it?", standard: false) else {
      throw Failure(.cannotCreate, "\(path): stays as it is: name another file with --out")
    }
  }

  private func chooseInput() throws(Failure) -> String {
    if let input {
      _ = try AudioInputName(input)
      return input
    }
    guard Conversation.isPossible else {
      throw Failure(.usage, "setup: without a terminal it has to be told --input: affectctl devices lists them")
    }
    talk.say("Looking at the inputs...")
    let probes = Devices.silencingErrors { DeviceProbe.all() }
    let works = probes.filter(\.works)
    for (index, probe) in works.enumerated() {
      talk.say("  \(index + 1)  \(probe.device.input)  \(probe.summary)  \(probe.device.description)")
    }
    for probe in probes where !probe.works { talk.say("  -  \(probe.device.input)  \(probe.summary)") }
    if works.isEmpty { talk.say("No input gives audio at the moment. The demo piece always does.") }
    let standard = works.firstIndex { $0.device.input == Configuration().inputText }.map { "\($0 + 1)" }
    return try talk.ask(
      "Which one? A number, a name as above, or demo", standard: standard ?? (works.isEmpty ? "demo" : "1")
    ) { answer in
      if let number = Int(answer) {
        return works.indices.contains(number - 1)
          ? (works[number - 1].device.input, "") : (nil, "there is no number \(number)")
      }
      do throws(Failure) {
        _ = try AudioInputName(answer)
        return (answer, "")
      } catch {
        return (nil, error.description)
      }
    }
  }

  /// The meter, until Enter or the end of the time.
  private func listen(to device: String) throws(Failure) {
    let isAsked = Conversation.isPossible && self.listen == nil
    let seconds = self.listen ?? (isAsked ? LevelCheck.duration : 0)
    guard seconds > 0 else { return }
    if isAsked { talk.say("Play as loud as it will be played. Enter goes on.") }
    var check = LevelCheck()
    let end = SystemClock().now + seconds
    let start = Console.outputIsTerminal ? "\r\u{1B}[K" : ""
    do throws(Failure) {
      try check.listen(to: device) { line in
        if Console.outputIsTerminal { Console.writeOutput("\r\(line)\u{1B}[K") }
      } isOver: {
        isAsked && talk.hasEnter(within: 0) || SystemClock().now > end
      }
      talk.say("\(start)Loudest \(Int(check.loudest.rounded())) dBFS: \(check.verdict)")
    } catch {
      guard isAsked else { throw error }
      talk.say(error.description)
      guard try talk.confirm("Take it all the same?", standard: true) else {
        throw Failure(.usage, "setup: nothing is written")
      }
    }
  }

  private func chooseHop() throws(Failure) -> Hop {
    if let hop { return hop }
    guard Conversation.isPossible else { return .standard }
    return try talk.ask("A value every how many seconds? 0.5 for looking on, 0.1 or 0.05 for lights", standard: "0.5") {
      (Hop(argument: $0), "a number from 0.05 to 5")
    }
  }

  /// Where OSC goes, tried with a pattern that moves until the person says that it arrives. Nil for nowhere.
  private func chooseOSC() async throws -> HostEndpoint? {
    if noOSC { return nil }
    var given = osc
    if let pattern {
      let endpoint = osc ?? OSCDestination.standard.endpoint
      let end = SystemClock().now + pattern
      try await TestPattern.send(to: endpoint) { SystemClock().now > end }
      return endpoint
    }
    guard Conversation.isPossible else { return given ?? OSCDestination.standard.endpoint }
    while true {
      let endpoint =
        try given
        ?? talk.ask(
          "Where do the values go by OSC? HOST:PORT, or none", standard: "\(OSCDestination.standard.endpoint)"
        ) {
          answer -> (HostEndpoint??, String) in
          answer == "none"
            ? (.some(nil), "") : (HostEndpoint(answer).map { .some($0) }, "a host, a colon and a port, or none")
        }
      guard let endpoint else { return nil }
      talk.say("Valence and arousal move in a circle there now, once in 8 s. Enter ends it.")
      try await TestPattern.send(to: endpoint) { talk.hasEnter(within: 0) }
      if try talk.confirm("Did it arrive?", standard: true) { return endpoint }
      given = nil
      talk.say("Look at the port, at the firewall, and whether this machine reaches that one.")
    }
  }

  private func write(_ text: String, to path: String) throws(Failure) {
    if let slash = path.lastIndex(of: "/") { Directory.make(String(path[..<slash])) }
    let file = try OutputFile(path: path)
    try file.write(Array(text.utf8))
    try file.finish()
  }
}

/// Valence and arousal that move in a circle, for a receiver that is to be tried.
enum TestPattern {
  private static let hop = Hop(seconds: 0.1) ?? .standard
  /// Seconds of a circle.
  private static let period = 8.0

  /// - Throws: ``Failure`` if it cannot be sent.
  static func send(to endpoint: HostEndpoint, until isOver: () -> Bool) async throws {
    var configuration = Configuration()
    configuration.osc = [OSCDestination(name: "main", endpoint: endpoint)]
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let path = "\(folder)/affectd-setup-\(getpid()).sock"
    let hello = HelloLine(input: "setup", embedding: "none", model: "none", hop: hop)
    let open = try await PublishingWithoutAudio.open(hello, configuration, socket: path)
    let clock = SystemClock()
    let start = clock.now
    var tick = 0
    var way = SimulatedWay.circle
    while !isOver() && !Interruption.isRequested {
      tick += 1
      await PublishingWithoutAudio.wait(until: start + hop.time(ofTick: tick))
      let affect = way.affect(at: hop.time(ofTick: tick), period: period)
      let estimate = AffectEstimate(
        tick: tick, audioTime: hop.time(ofTick: tick), values: .init(smoothed: affect, raw: affect), level: -20,
        state: .tracking)
      open.publisher.publish(TimedEstimate(estimate, unixTime: clock.wall))
    }
    await open.close()
  }
}
