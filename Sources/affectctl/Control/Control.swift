import ArgumentParser
import CommandLineSupport
import Publishing

// The commands that tell a running affectd one thing and end.

struct Pause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has affectd publish nothing until it is told to resume. It goes on listening.")
  @OptionGroup var connection: SocketOption

  func run() async throws {
    try await connection.withClient {
      try $0.call("pause")
      Answer.write("paused: nothing is published until affectctl resume; affectd goes on listening")
    }
  }
}

struct Resume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Ends a pause or a freeze.")
  @OptionGroup var connection: SocketOption

  func run() async throws {
    try await connection.withClient {
      try $0.call("resume")
      Answer.write("resumed: the values are published, and follow the music")
    }
  }
}

struct Freeze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has affectd publish the values of this moment until it is told to resume.")
  @OptionGroup var connection: SocketOption

  func run() async throws {
    try await connection.withClient {
      try $0.call("freeze")
      let latest = try $0.call("get_state")["latest"]
      let values = latest?["valence"]?.number.flatMap { valence in
        latest?["arousal"]?.number.map { arousal in
          " at valence \(StateSummary.signed(valence, 2)), arousal \(StateSummary.signed(arousal, 2))"
        }
      }
      Answer.write("frozen\(values ?? ""), until affectctl resume")
    }
  }
}

struct Reset: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has affectd forget its values and begin anew, as after a change of the set.")
  @OptionGroup var connection: SocketOption

  func run() async throws {
    try await connection.withClient {
      try $0.call("reset")
      Answer.write("reset: there are no values until a whole window of music was heard")
    }
  }
}

struct Mark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts a mark into the stream, which recordings keep.")
  @OptionGroup var connection: SocketOption

  @Argument(help: ArgumentHelp("What the mark says, at most 200 bytes.", valueName: "label"))
  var label = ""

  func run() async throws {
    var parameters = JSONLine()
    parameters.add("label", label)
    let request = parameters
    try await connection.withClient {
      try $0.call("mark", request)
      Answer.write(label.isEmpty ? "marked" : "marked: \(label)")
    }
  }
}

struct Ping: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Asks whether affectd is there.")
  @OptionGroup var connection: SocketOption

  func run() async throws {
    try await connection.withClient {
      try $0.call("ping")
      Console.writeOutput("pong\n")
    }
  }
}

struct Adjust: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Changes settings of a running affectd, until it ends or reads its configuration again.")
  @OptionGroup var connection: SocketOption

  @Option(
    help: ArgumentHelp("adaptive, one-euro, none or exponential:SECONDS.", valueName: "kind"),
    completion: .list(["adaptive", "one-euro", "exponential:", "none"]))
  var smoothing: String?

  // Unconditional, because the values may be negative.
  @Option(parsing: .unconditional, help: ArgumentHelp("Gain of the input, -40 to 40 dB.", valueName: "dB"))
  var gain: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Milliseconds, -10000 to 10000: positive ones publish later, negative ones only shift the time stamps.",
      valueName: "ms"))
  var offset: Double?

  func validate() throws {
    if smoothing == nil && gain == nil && offset == nil {
      throw ValidationError("name at least one of --smoothing, --gain and --offset")
    }
  }

  func run() async throws {
    var parameters = JSONLine()
    if let smoothing { parameters.add("smoothing", smoothing) }
    if let gain { parameters.add("gain", gain) }
    if let offset { parameters.add("offset", offset) }
    let request = parameters
    try await connection.withClient {
      try $0.call("set", request)
      var parts: [String] = []
      if let smoothing { parts.append("smoothing \(smoothing)") }
      if let gain { parts.append("gain \(StateSummary.signed(gain, 1)) dB") }
      if let offset { parts.append("offset \(StateSummary.short(offset)) ms") }
      Answer.write("set: \(parts.joined(separator: ", ")), until affectd ends or reads its configuration again")
    }
  }
}

/// What a command says that has told affectd something.
enum Answer {
  static func write(_ text: String) { Console.writeOutput(text + "\n") }
}
