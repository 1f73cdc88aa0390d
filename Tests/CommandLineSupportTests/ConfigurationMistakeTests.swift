import CommandLineSupport
import Foundation
import Platform
import Publishing
import TestSupport
import Testing

/// What is said about a wrong file, and about which line.
@Suite struct ConfigurationMistakeTests {
  /// The messages about `text`, without the file's name.
  private func messages(_ text: String) -> [String] {
    do {
      _ = try ConfigurationFile.parse(text: text, path: "/etc/a.toml")
      return []
    } catch {
      #expect(error.code == .configuration)
      return error.description.split(separator: "\n").map { line in
        #expect(line.hasPrefix("/etc/a.toml"))
        return String(line.dropFirst("/etc/a.toml".count))
      }
    }
  }

  @Test(arguments: [
    ("tracking.hop = \"fast\"", "tracking.hop: expected a number of seconds from 0.05 to 5, found the text \"fast\""),
    ("tracking.hop = 99", "tracking.hop: expected a number of seconds from 0.05 to 5, found the number 99"),
    ("tracking.hop = nan", "tracking.hop: expected a number of seconds from 0.05 to 5, found the number nan"),
    ("tracking.hop = [0.5]", "tracking.hop: expected a number of seconds from 0.05 to 5, found a list"),
    ("tracking.dead_band = 0.51", "tracking.dead_band: expected a number from 0 to 0.5, found the number 0.51"),
    (
      "tracking.priority = \"high\"",
      "tracking.priority: expected one of \"normal\", \"realtime\", found the text \"high\""
    ),
    (
      "color.points = []",
      "color.points: expected a list of 1 to 32 points, each { valence = V, arousal = A, color = \"#rrggbb\" }, found 0 of them"
    ),
    (
      "color.points = [{ valence = 0, arousal = 0 }]",
      "color.points: expected a list of 1 to 32 points, each { valence = V, arousal = A, color = \"#rrggbb\" }, found a table"
    ),
    (
      "color.points = [{ valence = 0, arousal = 2, color = \"#000000\" }]",
      "color.points.arousal: expected a number from -1 to 1, found the number 2"
    ),
    (
      "color.points = [{ valence = 0, arousal = 0, color = \"red\" }]",
      "color.points: expected a color such as \"#d55e00\", found the text \"red\""
    ),
    (
      "color.points = [{ valence = 0, arousal = 0, color = \"#000000\" }, { valence = 0.0, arousal = 0, color = \"#ffffff\" }]",
      "color.points: two points have valence 0.0 and arousal 0.0"
    ),
    ("input.wait = \"yes\"", "input.wait: expected true or false, found the text \"yes\""),
    ("input.gain = 41", "input.gain: expected a number of dB from -40 to 40, found the number 41"),
    (
      "embedding.name = \"librosa+vggish\"",
      "embedding.name: there is no 'vggish': expected one of musicnn, openl3, openl3-mel128, openl3-6144, "
        + "openl3-mel128-6144, librosa, librosa-346, logmel, egemaps, egemaps-200ms, compare260, mid, mid-6, or several of them with + in between"
    ),
    ("embedding.name = \"musicnn+librosa+musicnn\"", "embedding.name: 'musicnn' stands twice: leave out one"),
    ("embedding.threads = 2.0", "embedding.threads: expected a whole number from 1 to 8, found the number 2.0"),
    ("model.file = \"\"", "model.file: expected a path in quotes, found the text \"\""),
    ("socket.clients = true", "socket.clients: expected a whole number from 1 to 4096, found true"),
    ("control.port = 0", "control.port: expected a whole number from 1 to 65535, found the number 0"),
    (
      "control.host = \"desk.local\"",
      "control.host: expected an address of this machine in numbers, such as \"192.168.1.20\", \"0.0.0.0\" or \"::\" for all, found the text \"desk.local\""
    ),
    (
      "control.allow = [\"192.168.1.0/33\"]",
      "control.allow: expected a list of addresses and networks, such as [\"192.168.1.0/24\", \"10.0.0.7\"], found the text \"192.168.1.0/33\""
    ),
    ("osc.host = 1", "osc.host: belongs to a destination: put it under a line [osc.NAME], with a name of your own"),
    (
      "dmx.a = { protocol = \"sacn\", universe = 0, channels = { 1 = 1 } }",
      "dmx.a.universe: expected a whole number from 1 to 63999, found the number 0"
    ),
    (
      "dmx.a = { protocol = \"artnet\", universe = 0, channels = { 1 = 1 } }",
      "dmx.a: host is missing: Art-Net goes to the address of a node, or to a broadcast address"
    ),
    (
      "dmx.a = { protocol = \"sacn\", universe = 1, channels = { 513 = 1 } }",
      "dmx.a.channels.513: expected the number of one of the channels, 1 to 512, found \"513\""
    ),
    (
      "dmx.a = { protocol = \"sacn\", universe = 1, channels = { 01 = 1 } }",
      "dmx.a.channels.01: expected the number of one of the channels, 1 to 512, found \"01\""
    ),
    (
      "dmx.a = { protocol = \"sacn\", universe = 1, channels = { 1 = \"mood\" } }",
      "dmx.a.channels.1: expected one of valence, arousal, confidence, level, active, color/red, color/green, color/blue, color/hue, color/saturation, with /fine behind it or without, or a level from 0 to 255, found the text \"mood\""
    ),
    (
      "dmx.a = { protocol = \"sacn\", universe = 1, channels = { 1 = 256 } }",
      "dmx.a.channels.1: expected a whole number from 0 to 255, found the number 256"
    ),
    (
      "dmx.a = { protocol = \"sacn\", channels = { 1 = 1 } }",
      "dmx.a: universe is missing: an output has a protocol, a universe and channels"
    ),
    ("dmx.rate = 1", "dmx.rate: belongs to a destination: put it under a line [dmx.NAME], with a name of your own"),
    ("wled.a = { leds = 1 }", "wled.a: host is missing: a lamp has one"),
    (
      "wled.a = { host = \"h\", brightness = 0 }",
      "wled.a.brightness: expected a whole number from 1 to 255, found the number 0"
    ),
    (
      "midi = { bits = 14, controls = { 32 = \"valence\" } }",
      "midi.controls.32: expected the number of one of the controllers, 0 to 31, found \"32\""
    ),
    ("midi.bits = 8", "midi.bits: expected 7 or 14, found the number 8"),
    (
      "midi.controls = {}",
      "midi.controls: expected a table of controllers, such as { 20 = \"valence\", 21 = \"arousal\" }, found a table"
    ),
    ("mqtt.password_file = \"/p\"", "mqtt.password_file: belongs to a mqtt.user, which is missing"),
    ("mqtt.password = \"x\"", "mqtt.password is not a known setting; did you mean mqtt.password_file?"),
    ("mqtt.tpic = 1", "mqtt.tpic is not a known setting; did you mean mqtt.topic?"),
    ("silence = 3", "silence: this is the name of a table: its settings follow a line [silence]"),
    (
      "socket.on_loss = { valence = 2, arousal = 0 }",
      "socket.on_loss.valence: expected a number from -1 to 1, found the number 2"
    ),
    (
      "socket.on_loss = { valence = 0, arousl = 0 }",
      "socket.on_loss.arousl is not a known setting; did you mean socket.on_loss.arousal?"
    ),
  ])
  func aWrongValueIsNamedWithWhatWasExpected(text: String, message: String) {
    #expect(messages(text) == [", line 1: " + message])
  }

  @Test(arguments: [
    "input.source = \"radio\"", "input.channel = \"middle\"", "tracking.smoothing = \"exponential:0\"",
    "embedding.name = \"openl4\"", "socket.on_loss = \"decay:-1\"", "socket.on_loss = { valence = 0 }",
    "socket.path = \"/\(String(repeating: "x", count: 107))\"", "osc.enabled = {}", "metrics.port = 65536",
    "silence.threshold = 1", "silence.after = 0.09", "silence.hold = -1", "silence.decay = 86401",
    "output.offset = inf", "mqtt.topic = \"a//b\"", "mqtt.topic = \"/a\"", "mqtt.topic = \"a/#\"",
    "mqtt.topic = \"a+\"",
    "mqtt.topic = \"\"", "mqtt.host = \"tcp://broker\"", "mqtt.port = 0", "mqtt.rate = 0", "mqtt.user = \"a\\u0000\"",
    "midi.channel = 0", "midi.channel = 17", "midi.client = \"\"", "midi.rate = 1000", "control.announce = 1",
  ])
  func otherWrongValuesAreRefusedToo(text: String) throws {
    let key = try #require(text.split(separator: " ").first)
    let messages = messages(text)
    #expect(messages.count == 1 && messages[0].hasPrefix(", line 1: \(key): "), "\(messages)")
  }

  @Test(arguments: [
    ("host = 1", "host: expected a host name or address without a port, found the number 1"),
    ("port = \"9000\"", "port: expected a whole number from 1 to 65535, found the text \"9000\""),
    ("values = []", "values: expected a list of one value or more, found an empty list"),
    ("values = [\"level\", \"state\", \"level\"]", "values: level is there twice"),
    ("range = [1, 1.0]", "range: expected two different numbers in brackets, from -1000000 to 1000000"),
    ("range = [1]", "range: expected two different numbers in brackets, from -1000000 to 1000000, found 1 in a list"),
    ("range = [0, inf]", "range: expected a number from -1000000 to 1000000, found the number inf"),
    ("rate = 101", "rate: expected a number of ticks per second from 0.01 to 100, found the number 101"),
    ("time_tag = \"now\"", "time_tag: expected one of \"immediate\", \"audio\", found the text \"now\""),
    (
      "addresses = { valense = \"/a\" }",
      "addresses.valense is not a known value; did you mean osc.a.addresses.valence?"
    ),
    ("addresses = { level = \"a\" }", "addresses.level: expected an address that begins with /"),
    ("address = \"/a\"\nvalues = [\"level\", \"state\"]", "address: level and state would both be sent to /a"),
    (
      "addresses = { level = \"/affect/state\" }",
      "addresses.level: level and state would both be sent to /affect/state"
    ),
    ("adress = \"/{value}\"", "adress is not a known setting; did you mean osc.a.address?"),
    ("hots = \"/{value}\"", "hots is not a known setting; did you mean osc.a.host?"),
  ])
  func aWrongDestinationIsRefused(setting: String, message: String) {
    let required = ["host = \"127.0.0.1\"", "port = 9000"].filter { $0.prefix(4) != setting.prefix(4) }
    let messages = messages((["[osc.a]", setting] + required).joined(separator: "\n"))
    #expect(messages.count == 1 && messages[0].hasPrefix(", line 2: osc.a.\(message)"), "\(messages)")
  }

  @Test(arguments: [
    "a/{value}", "/a b/{value}", "/#/{value}", "/*/{value}", "/{value},", "/{value}?", "/[{value}]", "/{values}",
    "/{value", "/{a,b}/{value}", "/é/{value}", "", "/{value}/" + String(repeating: "x", count: 192),
    // Too long only with the value's name in.
    "/{value}/" + String(repeating: "x", count: 190),
  ])
  func anAddressThatOSCDoesNotAllowIsRefused(address: String) {
    let messages = messages("[osc.a]\nhost = \"127.0.0.1\"\nport = 9000\naddress = \"\(address)\"")
    #expect(messages.count == 1 && messages[0].hasPrefix(", line 4: osc.a.address: "), "\(messages)")
  }

  @Test func oneValueNeedsNoPlaceholder() throws {
    let text = "[osc.a]\nhost = \"h\"\nport = 1\naddress = \"/fixed\"\nvalues = [\"arousal\"]"
    #expect(try Configuration.parsed(text).osc.first?.address(of: .arousal) == "/fixed")
  }

  @Test func aDestinationNeedsHostAndPortAndAProperName() {
    #expect(
      messages("\n[osc.a]\n") == [
        ", line 2: osc.a: host is missing: a destination has a host and a port",
        ", line 2: osc.a: port is missing: a destination has a host and a port",
      ])
    for name in ["\"a b\"", "\"\"", "\"a/b\"", "\"é\"", String(repeating: "n", count: 33)] {
      let messages = messages("[osc.\(name)]\nhost = \"h\"\nport = 1")
      #expect(messages.count == 1 && messages[0].contains(", line 1: osc.\(name): the name of a destination has"))
    }
    #expect(messages("[osc.\(String(repeating: "n", count: 32))]\nhost = \"h\"\nport = 1").isEmpty)
  }

  @Test(arguments: [
    ("tracking.hopp", "tracking.hop"), ("tracking.ohp", "tracking.hop"), ("input.chanel", "input.channel"),
    ("trakcing.hop", nil), ("tracking.threshold", "silence.threshold"), ("tracking.zzz", nil),
    ("input.abc", nil), ("osc.enable", "osc.enabled"), ("osc.destinations", nil),
    ("smoothing", "tracking.smoothing"), ("colour", nil), ("socket.\"on loss\"", "socket.on_loss"),
  ])
  func theNearestKeyIsOffered(key: String, suggestion: String?) {
    let messages = messages("\(key) = 1")
    #expect(messages.count == 1)
    if key == "trakcing.hop" {
      #expect(messages[0].hasSuffix("trakcing is not a known table of settings; did you mean tracking?"))
    } else {
      let question = suggestion.map { "; did you mean \($0)?" } ?? ""
      #expect(messages == [", line 1: \(key) is not a known setting\(question)"])
    }
  }

  @Test func theLineIsThatOfTheKeyHoweverItIsWritten() {
    // In comments and strings there is what looks like the key.
    let before = #"""
      # hop = 1
      [embedding]  # [tracking]
      weights = """
      [tracking]
      hop = 1 \" \"""
      hop = 1"""""
      name = "musicnn" # hop
      [model]
      file = '''
      [tracking] '
      hop = 1'''
      [osc.a]
      values = [  # hop = 1 ]
        "level", 'state',
        # ]
      ]
      host = "tracking"
      port = 1

      """#
    #expect(before.split(separator: "\n", omittingEmptySubsequences: false).count == 19)
    for (text, line) in [
      ("[tracking]\nhop = 9", 20), ("[ tracking ]\n\n\t hop\t= 9", 21), ("[\"tracking\"]\n'hop' = 9", 20),
      ("[tracking]\n\"h\\u006fp\" = 9", 20), ("[tracking]\r\nsmoothing = \"none\"\r\nhop = 9\r\n", 21),
    ] {
      #expect(messages(before + text).map { $0.prefix(24) } == [", line \(line): tracking.hop:"], "\(text)")
    }
    #expect(messages("\n\ntracking . \"hop\" = 9\n").map { $0.prefix(23) } == [", line 3: tracking.hop:"])
    #expect(
      messages("\ntracking = { dead_band = 0.1, hop = 9 }\n").map { $0.prefix(23) } == [", line 2: tracking.hop:"])
    #expect(messages("\u{FEFF}tracking.hop = 9").map { $0.prefix(23) } == [", line 1: tracking.hop:"])
    #expect(
      messages("[osc]\na = { host = \"h\", port = 1, on_loss = { valence = 0, arousal = 7 } }")
        == [", line 2: osc.a.on_loss.arousal: expected a number from -1 to 1, found the number 7"])
    // A table that is no table of settings hides nothing.
    #expect(
      messages("[[more]]\nhop = 1\n[[more]]\nhop = 2\n[tracking]\nhop = 9").map { $0.prefix(23) } == [
        ", line 1: more is not a", ", line 6: tracking.hop:",
      ])
  }

  @Test func allMistakesAreToldInTheOrderOfTheirLines() {
    let text = """
      [socket]
      clients = 0
      [input]
      wait = 1
      gian = 3
      [audio]
      rate = 1
      [tracking]
      hop = 0
      """
    let found = messages(text)
    #expect(found.map { $0.prefix(8) } == [", line 2", ", line 4", ", line 5", ", line 6", ", line 9"])
    #expect(found[2].hasSuffix("input.gian is not a known setting; did you mean input.gain?"))
  }

  @Test func ofVeryManyMistakesTheFirst20AreTold() {
    let text = "[input]\n" + (1...30).map { "unheard\($0) = 0\n" }.joined()
    let found = messages(text)
    #expect(found.count == 21)
    #expect(found[19].hasPrefix(", line 21: input.unheard20 "))
    #expect(found[20] == ": 10 problems more")
  }

  @Test(arguments: [
    ("[input\n", 1, "table header: expected ']'"), ("[[input]\n", 1, "table header: expected ']'"),
    ("[a] b\n", 1, "expected a comment or whitespace, saw 'b'"), ("\n\n= 3\n", 3, "expected keys, tables"),
    ("[a.]", 1, "expected bare key starting character"), ("\nhop 3\n", 2, "expected '=', saw '3'"),
    ("a = \"x\n\n", 1, ": expected a quote at the end of the text"),
    ("a = 1\nb = \"\"\"x\n\n", 3, ": expected a quote at the end of the text"),
    ("a = \"\u{1}\"", 1, "or no control character in it"),
    ("a = [1 2]", 1, "expected comma or closing ']'"), ("a = {b = 1", 1, "inline table: encountered end-of-file"),
    ("\"\\x\" = 1", 1, "escape sequence '\\x' is not supported"),
    ("a = \"x\" b = 1", 1, "expected a comment or whitespace, saw 'b'"),
    ("a = 1 2", 1, "expected a comment or whitespace, saw '2'"),
    ("[tracking]\nsmoothing = none\n", 2, ": expected a value: a text in quotes, a number"),
    ("a = one-euro", 1, ": expected a value: a text in quotes"),
    ("a = True", 1, ": expected a value: a text in quotes"),
    ("a = 01", 1, ": expected a value"), ("a = 1_", 1, "expected a comment or whitespace, saw '_'"),
    ("a = .5", 1, ": expected a value"), ("a = 0x", 1, ": expected a value"), ("a = -0x1", 1, ": expected a value"),
    ("a = 1e", 1, ": expected a value"), ("a = 1979-05-27T\"", 1, ": expected a value"),
    ("a = 9223372036854775808", 1, "not representable in 64 bits"), ("# \u{1}\n", 1, "Error while parsing comment"),
    ("[tracking]\nhop = 1\nhop = 2\n", 3, "cannot redefine existing integer 'hop'"),
    ("[input]\n[tracking]\n[input]\n", 3, "[input] is there twice: put all its settings under one such line"),
    ("a = \(String(repeating: "[", count: 100_000))", 1, "exceeded maximum nested value depth of 64"),
    // These abort the parser where its assertions are built in.
    ("\n[[[a]]]\n", 2, "expected bare key starting character"), ("[[\n", 1, "expected bare key starting character"),
    ("\nhop = # 0.5\n", 2, ": expected a value"), ("\nhop = \u{A0}0.5", 2, ": expected a value"),
    ("\na = { b = , }", 2, ": expected a value"),
  ])
  func aFileThatIsNoTOMLIsRefusedWithItsLine(text: String, line: Int, message: String) {
    let found = messages(text)
    #expect(found.count == 1 && found[0].hasPrefix(", line \(line): "), "\(found)")
    #expect(found.first?.contains(message) == true, "\(found)")
  }

  @Test func aDateIsNoSetting() {
    #expect(
      messages("tracking.hop = 1979-05-27") == [
        ", line 1: tracking.hop: expected a number of seconds from 0.05 to 5, found a date or time"
      ])
  }

  @Test(arguments: [
    "[ input ] # comment\n\twait\t=\ttrue\t# comment", "input = { wait = true }", "input . \"wait\" = true",
    "input.wait=true", "['input']\r\n'wait' = true\r\n", "\u{FEFF}input.wait = true",
    "[silence]\nhold = 0x1F\nafter = +1e1\ndecay = 8_640.0_0e-1\nthreshold = -0.0\n[input]\nwait = true",
    "silence = { hold = 0b11, after = 0o17, decay = 1E+2 }\ninput = {wait=true}",
    "[osc.a]\nport = 1\nhost = 'h'\nrange = [\n  0,  # from\n\n  1.5 , # to\n]\nvalues = [\"level\",'state']\n"
      + "[input]\nwait = true",
    "[model]\nfile = \"\"\"\\\r\n   /a\\\"\"\"\\u00e9\\U0001F600\\t\"\"\"\"\"\n[input]\nwait = true",
    "model.file = ''''a' \n''''\ninput.wait = true", "model.file = 'C:\\'\ninput.wait = true",
    "osc.a = { host = \"h\", port = 1, addresses = {}, on_loss = { valence = 0, arousal = 0 } }\ninput.wait = true",
  ])
  func everyWayToWriteTOMLIsUnderstood(text: String) throws {
    #expect(try Configuration.parsed(text).waitsForInput)
  }

  @Test func whatComesAfterAZeroByteIsNotIgnored() {
    let found = messages("[tracking]\n\0\nhop = 99")
    #expect(found.count == 1 && found[0].hasPrefix(", line 2: a zero byte"))
  }

  @Test func keysOfAnyLengthAndDepthAreSurvived() {
    let long = String(repeating: "k", count: 100_000)
    let found = messages("[input]\n\(long) = 1")
    #expect(found.count == 1 && found[0].count < 200 && found[0].hasPrefix(", line 2: input.\"kkk"))
    let deep = Array(repeating: "a", count: 100_000).joined(separator: ".")
    #expect(messages("\(deep) = 1") == [", line 1: a is not a known table of settings"])
    #expect(messages("input.wait.\(deep) = 1").map { $0.prefix(21) } == [", line 1: input.wait:"])
    let zero = messages("\"a\\u0000b\" = 1")
    #expect(zero.count == 1)
  }

  @Test func aFileThatCannotBeReadIsNamed() throws {
    let directory = try TemporaryDirectory()
    let paths = [
      "/proc/nonexistent.toml", directory.path,
      try directory.write(Data([0x61, 0x20, 0x3D, 0x20, 0x22, 0xFF, 0x22]), to: "latin1.toml"),
      try directory.write(String(repeating: "#", count: 1 << 20) + "\n", to: "large.toml"),
    ]
    let reasons = ["No such file", "Is a directory", "is not UTF-8", "larger than 1048576 bytes"]
    for (path, reason) in zip(paths, reasons) {
      let failure = #expect(throws: Failure.self) { try ConfigurationFile.read(path) }
      #expect(failure?.code == .configuration)
      #expect(failure?.description.hasPrefix(path + ": ") == true)
      #expect(failure?.description.contains(reason) == true, "\(failure?.description ?? "")")
    }
    // A byte less is taken.
    let path = try directory.write(String(repeating: "#", count: (1 << 20) - 1) + "\n", to: "just.toml")
    #expect(try ConfigurationFile.read(path) == Configuration())
  }
}
