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
      let before = [
        "control.host": "control.port = 9001\n", "mqtt.password_file": "mqtt.user = \"a\"\n",
      ][key]
      return (before ?? "") + ConfigurationKeys.document(key, value).with
    }

    /// What the setting changes.
    var unchanged: Configuration {
      get throws { try .parsed(ConfigurationKeys.document(key, value).without) }
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
    Sample("embedding.name", "\"librosa-346+musicnn\"") {
      $0.pipeline.embedding = try! EmbeddingChoice(name: "librosa-346+musicnn")  // it is a name
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
    Sample("osc.NAME.host", "\"::1\"") { $0.osc[0].endpoint = HostEndpoint(host: "::1", port: 9000) },
    Sample("osc.NAME.port", "65535") { $0.osc[0].endpoint = HostEndpoint(host: "127.0.0.1", port: 65_535) },
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
    Sample("dmx.NAME.protocol", "\"artnet\"\nhost = \"10.0.0.9\"") {
      $0.dmx[0] = DMXDestination(name: "a", .artnet, universe: 1, host: "10.0.0.9", channels: [1: .value(.valence)])
    },
    Sample("dmx.NAME.universe", "63999") { $0.dmx[0].universe = 63_999 },
    Sample("dmx.NAME.channels", "{ 512 = \"color/red\", 7 = \"arousal/fine\", 8 = 255 }") {
      $0.dmx[0].channels = [512: .value(.colorRed), 7: .fine(.arousal), 8: .fixed(255)]
    },
    Sample("dmx.NAME.host", "\"node.example\"") { $0.dmx[0].host = "node.example" },
    Sample("dmx.NAME.interface", "\"10.0.0.1\"") { $0.dmx[0].interface = "10.0.0.1" },
    Sample("dmx.NAME.priority", "200") { $0.dmx[0].priority = 200 },
    Sample("dmx.NAME.rate", "25") { $0.dmx[0].rate = 25 },
    Sample("dmx.NAME.on_loss", "\"hold\"") { $0.dmx[0].onLoss = .hold },
    Sample("wled.NAME.host", "\"::1\"") { $0.wled[0].host = "::1" },
    Sample("wled.NAME.mode", "\"json\"") { $0.wled[0].mode = .json },
    Sample("wled.NAME.port", "8080") { $0.wled[0].port = 8080 },
    Sample("wled.NAME.leds", "1500") { $0.wled[0].leds = 1500 },
    Sample("wled.NAME.brightness", "1") { $0.wled[0].brightness = .fixed(1) },
    Sample("wled.NAME.brightness", "\"level\"") { $0.wled[0].brightness = .value(.level) },
    Sample("wled.NAME.rate", "0.1") { $0.wled[0].rate = 0.1 },
    Sample("wled.NAME.on_loss", "\"hold\"") { $0.wled[0].onLoss = .hold },
    Sample("midi.controls", "{ 0 = \"valence\", 119 = \"color/hue\" }") {
      $0.midi.controls = [0: .valence, 119: .colorHue]
    },
    Sample("midi.client", "\"Mood é\"") { $0.midi.client = "Mood é" },
    Sample("midi.connect", "\"FLUID Synth:0\"") { $0.midi.connect = "FLUID Synth:0" },
    Sample("midi.channel", "16") { $0.midi.channel = 16 },
    Sample("midi.bits", "14") { $0.midi.resolution = .fourteenBits },
    Sample("midi.rate", "0.01") { $0.midi.rate = 0.01 },
    Sample("midi.on_loss", "\"hold\"") { $0.midi.onLoss = .hold },
    Sample("mqtt.host", "\"broker\"") { $0.mqtt.host = "broker" },
    Sample("mqtt.port", "8883") { $0.mqtt.port = 8883 },
    Sample("mqtt.topic", "\"club/main-room_1\"") { $0.mqtt.topic = "club/main-room_1" },
    Sample("mqtt.user", "\"stage left\"") { $0.mqtt.user = "stage left" },
    Sample("mqtt.password_file", "\"/p\"") {
      $0.mqtt.user = "a"
      $0.mqtt.passwordFile = "/p"
    },
    Sample("mqtt.tls", "true") { $0.mqtt.tls = true },
    Sample("mqtt.ca_file", "\"/c\"") { $0.mqtt.authorities = "/c" },
    Sample("mqtt.discovery", "false") { $0.mqtt.discovery = false },
    Sample("mqtt.rate", "100") { $0.mqtt.rate = 100 },
    Sample("mqtt.on_loss", "\"hold\"") { $0.mqtt.onLoss = .hold },
    Sample("control.announce", "false") { $0.announcesControl = false },
    Sample("control.port", "9001") { $0.control = HostEndpoint(host: "127.0.0.1", port: 9001) },
    Sample("control.host", "\"0.0.0.0\"") { $0.control = HostEndpoint(host: "0.0.0.0", port: 9001) },
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
    let unchanged = try sample.unchanged
    var expected = unchanged
    sample.change(&expected)
    #expect(expected != unchanged)
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
    var desk = OSCDestination(name: "Desk_2", endpoint: HostEndpoint(host: "desk.example", port: 8000))
    desk.rate = 5
    var stage = OSCDestination(name: "stage-left", endpoint: HostEndpoint(host: "10.0.0.1", port: 7000))
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

  @Test func everyOutputIsHandedOn() throws {
    let settings = try Configuration.parsed(
      """
      [dmx.a]
      protocol = "artnet"
      universe = 0
      host = "10.0.0.1"
      channels = { 1 = "level" }
      [dmx.b]
      protocol = "sacn"
      universe = 2
      channels = { 1 = "level" }
      [wled.c]
      host = "lamp"
      [midi]
      bits = 14
      controls = { 31 = "valence" }
      [mqtt]
      host = "broker"
      ca_file = "/c"
      """
    ).publisher
    #expect(settings.dmx.map(\.endpoint.description) == ["10.0.0.1:6454", "239.255.0.2:5568"])
    #expect(settings.wled.map(\.endpoint.description) == ["lamp:21324"])
    #expect(settings.midi?.controls == [31: .valence])
    #expect(settings.mqtt?.endpoint.description == "broker:8883")
    // Nothing of it is there by itself.
    let standard = Configuration().publisher
    #expect(standard.dmx.isEmpty && standard.wled.isEmpty && standard.midi == nil && standard.mqtt == nil)
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
