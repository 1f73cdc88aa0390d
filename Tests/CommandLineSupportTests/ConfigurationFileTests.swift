import Affect
import AudioInput
import CommandLineSupport
import Embedding
import Foundation
import Platform
import Publishing
import TestSupport
import Testing
import Tracking

/// What the settings do.
@Suite struct ConfigurationFileTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let key: String
    let value: String
    let change: @Sendable (inout Configuration) -> Void

    init(_ key: String, _ value: String, _ change: @escaping @Sendable (inout Configuration) -> Void) {
      self.key = key
      self.value = value
      self.change = change
    }

    var testDescription: String { "\(key) = \(value)" }

    /// A document with the setting alone.
    var document: String {
      let name = key.split(separator: ".").last.map(String.init) ?? key
      if key.hasPrefix("osc.NAME.") {
        // Host and port must be there in any case.
        let others = ["host": "\"127.0.0.1\"", "port": "9000"].filter { $0.key != name }.map { "\($0) = \($1)" }
        return (["[osc.local]"] + others + ["\(name) = \(value)"]).joined(separator: "\n")
      }
      let port = key == "control.host" ? "control.port = 9001\n" : ""
      return "\(port)\(key) = \(value)"
    }
  }

  static let samples = [
    Sample("input.source", "\"tone:440\"") {
      $0.input = .tone(440)
      $0.inputText = "tone:440"
    },
    Sample("input.channel", "\"right\"") { $0.pipeline.channel = .channel(2) },
    Sample("input.wait", "true") { $0.waitsForInput = true },
    Sample("input.demo_fallback", "true") { $0.fallsBackToDemo = true },
    Sample("input.gain", "-6") { $0.gain = -6 },
    Sample("tracking.hop", "0.25") { $0.pipeline.hop = Hop(seconds: 0.25) ?? .standard },
    Sample("tracking.hop", "2") { $0.pipeline.hop = Hop(seconds: 2) ?? .standard },
    Sample("tracking.smoothing", "\"exponential:2.5\"") { $0.pipeline.smoothing = .exponential(2.5) },
    Sample("tracking.dead_band", "0.2") { $0.pipeline.deadBand = 0.2 },
    Sample("tracking.dead_band", "0.5") { $0.pipeline.deadBand = 0.5 },
    Sample("tracking.priority", "\"realtime\"") { $0.inferencePriority = .realtime },
    Sample(
      "color.points",
      "[{ valence = 0.5, arousal = -1, color = \"#FF8000\" }, { valence = 0, arousal = 0, color = \"#000000\" }]"
    ) {
      $0.palette = MoodPalette([
        MoodPalette.Point(
          Affect(valence: 0.5, arousal: -1), MoodColor(red: 1, green: 128 / 255, blue: 0)),
        MoodPalette.Point(.neutral, MoodColor(red: 0, green: 0, blue: 0)),
      ])
    },
    Sample("silence.threshold", "-45.5") { $0.pipeline.silence.threshold = -45.5 },
    Sample("silence.after", "0.1") { $0.pipeline.silence.delay = 0.1 },
    Sample("silence.hold", "0") { $0.pipeline.silence.hold = 0 },
    Sample("silence.decay", "86400") { $0.pipeline.silence.decay = 86_400 },
    Sample("venue.adapt", "\"level\"") { $0.pipeline.following = .level },
    Sample("silence.speech", "false") { $0.pipeline.silence.includesSpeech = false },
    Sample("embedding.name", "\"openl3-mel128\"") {
      $0.pipeline.embedding = .openL3(OpenL3Variant(input: .mel128, size: .values512))
    },
    Sample("embedding.weights", "'/a \"b\".safetensors'") { $0.pipeline.weights = "/a \"b\".safetensors" },
    Sample("embedding.threads", "8") { $0.pipeline.threads = 8 },
    Sample("model.file", "\"/é\"") { $0.pipeline.model = "/é" },
    Sample("output.offset", "-120.5") { $0.offset = -120.5 },
    Sample("output.show", "true") { $0.showsValues = true },
    Sample("socket.path", "\"/tmp/a.sock\"") { $0.socket = "/tmp/a.sock" },
    Sample("socket.on_loss", "\"hold\"") { $0.socketOnLoss = .hold },
    Sample("socket.on_loss", "{ valence = -1, arousal = 0.25 }") {
      $0.socketOnLoss = .fallback(Affect(valence: -1, arousal: 0.25))
    },
    Sample("socket.clients", "1") { $0.socketClients = 1 },
    Sample("osc.enabled", "false") { $0.osc = [] },
    Sample("osc.NAME.host", "\"::1\"") { $0.osc[0].endpoint = OSCEndpoint(host: "::1", port: 9000) },
    Sample("osc.NAME.port", "65535") { $0.osc[0].endpoint = OSCEndpoint(host: "127.0.0.1", port: 65_535) },
    Sample("osc.NAME.values", "[\"state\", \"unit/valence\"]") { $0.osc[0].values = [.state, .unitValence] },
    Sample("osc.NAME.address", "\"/{name}/{value}\"") { $0.osc[0].address = "/{name}/{value}" },
    Sample("osc.NAME.addresses", "{ \"unit/arousal\" = \"/fader/1\", level = \"/l\" }") {
      $0.osc[0].addresses = [.unitArousal: "/fader/1", .level: "/l"]
    },
    Sample("osc.NAME.range", "[100, 0.5]") { $0.osc[0].range = [100, 0.5] },
    Sample("osc.NAME.rate", "0.01") { $0.osc[0].rate = 0.01 },
    Sample("osc.NAME.bundle", "false") { $0.osc[0].bundle = false },
    Sample("osc.NAME.time_tag", "\"audio\"") { $0.osc[0].timeTag = .audio },
    Sample("osc.NAME.on_loss", "\"decay:2.5\"") { $0.osc[0].onLoss = .decay(2.5) },
    Sample("control.port", "9001") { $0.control = OSCEndpoint(host: "127.0.0.1", port: 9001) },
    Sample("control.host", "\"0.0.0.0\"") { $0.control = OSCEndpoint(host: "0.0.0.0", port: 9001) },
    Sample("control.allow", "[\"10.0.0.0/8\", \"::1\"]") {
      $0.controlAllow = [IPNetwork("10.0.0.0/8")!, IPNetwork("::1")!]  // networks of the test
    },
    Sample("web.enabled", "true") { $0.hasWebPage = true },
    Sample("web.host", "\"0.0.0.0\"") { $0.webHost = "0.0.0.0" },
    Sample("web.port", "8080") { $0.webPort = 8080 },
    Sample("metrics.port", "9464") { $0.metricsPort = 9464 },
  ]

  @Test(arguments: samples)
  func aSettingChangesWhatItIsForAndNothingElse(sample: Sample) throws {
    var expected = Configuration()
    sample.change(&expected)
    #expect(expected != Configuration())
    #expect(try Configuration.parsed(sample.document) == expected)
  }

  @Test func noSettingIsLeftOutAbove() throws {
    #expect(Set(Self.samples.map(\.key)) == Set(try ConfigurationKeys.all()))
  }

  @Test func anEmptyFileChangesNothing() throws {
    #expect(try Configuration.parsed("") == Configuration())
    #expect(try Configuration.parsed("# nothing\r\n[osc]\r\n[tracking]\r\n") == Configuration())
  }

  @Test func everyDestinationHasItsOwnSettings() throws {
    let configuration = try Configuration.parsed(
      """
      [osc.stage-left]
      host = "10.0.0.1"
      port = 7000
      range = [0, 1]
      [osc.Desk_2]
      host = "desk.example"
      port = 8000
      rate = 5
      """)
    var desk = OSCDestination(name: "Desk_2", endpoint: OSCEndpoint(host: "desk.example", port: 8000))
    desk.rate = 5
    var stage = OSCDestination(name: "stage-left", endpoint: OSCEndpoint(host: "10.0.0.1", port: 7000))
    stage.range = [0, 1]
    #expect(configuration.osc == [desk, stage])
  }

  @Test func destinationsThatAreSwitchedOffAreCheckedAllTheSame() throws {
    let destination = "[osc.a]\nhost = \"10.0.0.1\"\nport = 7000\n"
    #expect(try Configuration.parsed("osc.enabled = false\n" + destination).osc.isEmpty)
    #expect(try Configuration.parsed("osc.enabled = true\n" + destination).osc.map(\.name) == ["a"])
    #expect(throws: Failure.self) {
      try Configuration.parsed("osc.enabled = false\n" + destination + "rate = 0")
    }
  }

  @Test func upTo64DestinationsAreTaken() throws {
    func document(_ count: Int) -> String {
      (1...count).map { "[osc.d\($0)]\nhost = \"127.0.0.1\"\nport = \($0)\n" }.joined()
    }
    #expect(try Configuration.parsed(document(64)).osc.count == 64)
    let failure = #expect(throws: Failure.self) { try Configuration.parsed(document(65)) }
    #expect(failure?.description.contains("65 destinations, at most 64") == true)
  }

  @Test func aFileIsReadFromItsPath() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("[tracking]\nhop = 0.1\n", to: "affectd.toml")
    #expect(try ConfigurationFile.read(path).pipeline.hop.seconds == 0.1)
  }
}
