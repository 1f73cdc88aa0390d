internal import Affect
internal import AudioInput
internal import Embedding
internal import Platform
internal import Publishing
internal import Tracking

extension SettingSection {
  /// Every setting but those of the single OSC destinations.
  static let all = [
    input, tracking, silence, venue, embedding, model, output, color, socket, osc, dmx, wled, midi, mqtt, control, web,
    metrics,
  ]

  private static let input = SettingSection(
    "input",
    [
      Setting("source", needsRestart: true) { value, configuration throws(SettingProblem) in
        let text = try value.text("an input in quotes, such as \"alsa:default\"")
        do throws(Failure) {
          try configuration.setInput(text)
        } catch {
          throw .wrong(error.description)
        }
      } show: {
        .text($0.inputText)
      },
      Setting("channel", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.pipeline.channel = try value.choice(
          "\"average\", \"left\", \"right\" or the number of a channel in quotes, from \"1\" to "
            + "\"\(AudioFormat.channelCounts.upperBound)\""
        ) { ChannelSelection($0) }
      } show: {
        .text($0.pipeline.channel.description)
      },
      Setting("wait", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.waitsForInput = try value.boolean()
      } show: {
        .boolean($0.waitsForInput)
      },
      Setting("demo_fallback", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.fallsBackToDemo = try value.boolean()
      } show: {
        .boolean($0.fallsBackToDemo)
      },
      Setting("gain") { value, configuration throws(SettingProblem) in
        configuration.gain = try value.number("dB", in: Configuration.gains)
      } show: {
        $0.gain.map { .number($0) }
      },
    ])

  private static let tracking = SettingSection(
    "tracking",
    [
      Setting("hop", needsRestart: true) { value, configuration throws(SettingProblem) in
        let seconds = try value.number("seconds", in: Hop.range)
        configuration.pipeline.hop = Hop(seconds: seconds) ?? .standard
      } show: {
        .number($0.pipeline.hop.seconds)
      },
      Setting("smoothing") { value, configuration throws(SettingProblem) in
        let times = Smoothing.timeConstants
        configuration.pipeline.smoothing = try value.choice(
          "\"adaptive\", \"one-euro\", \"none\" or \"exponential:SECONDS\" with \(SettingValue.plain(times.lowerBound)) to "
            + "\(SettingValue.plain(times.upperBound)) seconds"
        ) { Smoothing($0) }
      } show: {
        .text($0.pipeline.smoothing.description)
      },
      Setting("dead_band") { value, configuration throws(SettingProblem) in
        configuration.pipeline.deadBand = try value.number(in: PipelineSettings.deadBands)
      } show: {
        .number($0.pipeline.deadBand)
      },
      Setting("priority", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.inferencePriority = try value.choice(
          "one of \(ThreadPriority.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))"
        ) { ThreadPriority(rawValue: $0) }
      } show: {
        .text($0.inferencePriority.rawValue)
      },
    ])

  private static let silence = SettingSection(
    "silence",
    [
      Setting("threshold") { value, configuration throws(SettingProblem) in
        configuration.pipeline.silence.threshold = try value.number("dBFS", in: SilenceSettings.thresholds)
      } show: {
        .number($0.pipeline.silence.threshold)
      },
      Setting("after") { value, configuration throws(SettingProblem) in
        configuration.pipeline.silence.delay = try value.number("seconds", in: SilenceSettings.delays)
      } show: {
        .number($0.pipeline.silence.delay)
      },
      Setting("hold") { value, configuration throws(SettingProblem) in
        configuration.pipeline.silence.hold = try value.number("seconds", in: SilenceSettings.holds)
      } show: {
        .number($0.pipeline.silence.hold)
      },
      Setting("decay") { value, configuration throws(SettingProblem) in
        configuration.pipeline.silence.decay = try value.number("seconds", in: SilenceSettings.decays)
      } show: {
        .number($0.pipeline.silence.decay)
      },
      Setting("speech") { value, configuration throws(SettingProblem) in
        configuration.pipeline.silence.includesSpeech = try value.boolean()
      } show: {
        .boolean($0.pipeline.silence.includesSpeech)
      },
    ])

  private static let venue = SettingSection(
    "venue",
    [
      Setting("adapt") { value, configuration throws(SettingProblem) in
        configuration.pipeline.following = try value.choice(
          "one of \(VenueFollowing.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))"
        ) { VenueFollowing(rawValue: $0) }
      } show: {
        .text($0.pipeline.following.rawValue)
      }
    ])

  private static let embedding = SettingSection(
    "embedding",
    [
      Setting("name", needsRestart: true) { value, configuration throws(SettingProblem) in
        let names = EmbeddingChoice.allNames.map { "\"\($0)\"" }.joined(separator: ", ")
        guard case .text(let name) = value else { throw .expected("one of \(names)", found: value) }
        do throws(EmbeddingChoice.NameProblem) {
          configuration.pipeline.embedding = try EmbeddingChoice(name: name)
        } catch { throw .wrong(error.description) }
      } show: {
        .text($0.pipeline.embedding.name)
      },
      Setting("weights", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.pipeline.weights = try value.path()
      } show: {
        $0.pipeline.weights.map { .text($0) }
      },
      Setting("threads", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.pipeline.threads = try value.whole(in: PipelineSettings.threadCounts)
      } show: {
        .whole($0.pipeline.threads)
      },
    ])

  private static let model = SettingSection(
    "model",
    [
      Setting("file", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.pipeline.model = try value.path()
      } show: {
        $0.pipeline.model.map { .text($0) }
      }
    ])

  private static let output = SettingSection(
    "output",
    [
      Setting("offset") { value, configuration throws(SettingProblem) in
        configuration.offset = try value.number("milliseconds", in: Configuration.offsets)
      } show: {
        .number($0.offset)
      },
      Setting("show", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.showsValues = try value.boolean()
      } show: {
        .boolean($0.showsValues)
      },
    ])

  private static let color = SettingSection(
    "color",
    [
      Setting("points") { value, configuration throws(SettingProblem) in
        configuration.palette = try value.palette()
      } show: {
        .palette($0.palette)
      }
    ])

  private static let socket = SettingSection(
    "socket",
    [
      Setting("path", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.socket = try value.path(limit: UnixSocket.pathLimit)
      } show: {
        $0.socket.map { .text($0) }
      },
      Setting("on_loss") { value, configuration throws(SettingProblem) in
        configuration.socketOnLoss = try value.lossPolicy()
      } show: {
        .lossPolicy($0.socketOnLoss)
      },
      Setting("clients", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.socketClients = try value.whole(in: Configuration.clientCounts)
      } show: {
        .whole($0.socketClients)
      },
    ])

  private static let osc = SettingSection(
    OSCDestination.section,
    [
      // Taken over after the destinations, which it takes back.
      Setting("enabled") { value, configuration throws(SettingProblem) in
        if try !value.boolean() { configuration.osc = [] }
      } show: {
        .boolean(!$0.osc.isEmpty)
      }
    ])

  private static let dmx = SettingSection(DMXDestination.section, [])
  private static let wled = SettingSection(WLEDDestination.section, [])

  private static let midi = SettingSection(
    "midi",
    [
      Setting("client") { value, configuration throws(SettingProblem) in
        configuration.midi.client = try value.name(limit: 63)
      } show: {
        .text($0.midi.client)
      },
      Setting("connect") { value, configuration throws(SettingProblem) in
        configuration.midi.connect = try value.name(limit: 100)
      } show: {
        $0.midi.connect.map { .text($0) }
      },
      Setting("channel") { value, configuration throws(SettingProblem) in
        configuration.midi.channel = try value.whole(in: MIDIDestination.channels)
      } show: {
        .whole($0.midi.channel)
      },
      Setting("bits") { value, configuration throws(SettingProblem) in
        let resolutions = MIDIDestination.Resolution.allCases.map(\.rawValue)
        guard case .whole(let bits) = value, let resolution = MIDIDestination.Resolution(rawValue: bits) else {
          throw .expected("\(resolutions.map(String.init).joined(separator: " or "))", found: value)
        }
        configuration.midi.resolution = resolution
      } show: {
        .whole($0.midi.resolution.rawValue)
      },
      // Taken over after the bits, which limit them.
      Setting("controls") { value, configuration throws(SettingProblem) in
        let range =
          configuration.midi.resolution == .fourteenBits
          ? MIDIDestination.coarseControllers : MIDIDestination.controllers
        configuration.midi.controls = try value.numbered(
          "controllers", in: range, such: "{ 20 = \"valence\", 21 = \"arousal\" }"
        ) { value throws(SettingProblem) in try value.unitValue() }
      } show: {
        $0.midi.controls.isEmpty
          ? nil : .table(Dictionary(uniqueKeysWithValues: $0.midi.controls.map { ("\($0)", .text($1.rawValue)) }))
      },
      Setting("rate") { value, configuration throws(SettingProblem) in
        configuration.midi.rate = try value.number("ticks per second", in: TickRate.range)
      } show: {
        $0.midi.rate.map { .number($0) }
      },
      Setting("on_loss") { value, configuration throws(SettingProblem) in
        configuration.midi.onLoss = try value.lossPolicy()
      } show: {
        .lossPolicy($0.midi.onLoss)
      },
    ])

  private static let mqtt = SettingSection(
    "mqtt",
    [
      Setting("host") { value, configuration throws(SettingProblem) in
        configuration.mqtt.host = try value.host()
      } show: {
        $0.mqtt.host.isEmpty ? nil : .text($0.mqtt.host)
      },
      Setting("port") { value, configuration throws(SettingProblem) in
        configuration.mqtt.port = try value.whole(in: Configuration.ports)
      } show: {
        $0.mqtt.port.map { .whole($0) }
      },
      Setting("topic") { value, configuration throws(SettingProblem) in
        configuration.mqtt.topic = try value.choice(
          "a topic such as \"affectd\" or \"club/affectd\", of letters, digits, - and _ with / between them, at most "
            + "\(MQTTDestination.topicLimit)"
        ) { MQTTDestination.isTopic($0) ? $0 : nil }
      } show: {
        .text($0.mqtt.topic)
      },
      Setting("user") { value, configuration throws(SettingProblem) in
        configuration.mqtt.user = try value.name(limit: 200)
      } show: {
        $0.mqtt.user.map { .text($0) }
      },
      Setting("password_file") { value, configuration throws(SettingProblem) in
        let path = try value.path()
        guard configuration.mqtt.user != nil else { throw .wrong("belongs to a mqtt.user, which is missing") }
        configuration.mqtt.passwordFile = path
      } show: {
        $0.mqtt.passwordFile.map { .text($0) }
      },
      Setting("tls") { value, configuration throws(SettingProblem) in
        configuration.mqtt.tls = try value.boolean()
      } show: {
        .boolean($0.mqtt.tls)
      },
      Setting("ca_file") { value, configuration throws(SettingProblem) in
        configuration.mqtt.authorities = try value.path()
      } show: {
        $0.mqtt.authorities.map { .text($0) }
      },
      Setting("discovery") { value, configuration throws(SettingProblem) in
        configuration.mqtt.discovery = try value.boolean()
      } show: {
        .boolean($0.mqtt.discovery)
      },
      Setting("rate") { value, configuration throws(SettingProblem) in
        configuration.mqtt.rate = try value.number("ticks per second", in: TickRate.range)
      } show: {
        .number($0.mqtt.rate)
      },
      Setting("on_loss") { value, configuration throws(SettingProblem) in
        configuration.mqtt.onLoss = try value.lossPolicy()
      } show: {
        .lossPolicy($0.mqtt.onLoss)
      },
    ])

  private static let control = SettingSection(
    "control",
    [
      Setting("port") { value, configuration throws(SettingProblem) in
        let port = try value.whole(in: Configuration.ports)
        configuration.control = HostEndpoint(host: Configuration.controlHost, port: port)
      } show: {
        $0.control.map { .whole($0.port) }
      },
      // Taken over after the port, without which nothing comes in.
      Setting("host") { value, configuration throws(SettingProblem) in
        let host = try value.ownAddress()
        if let port = configuration.control?.port { configuration.control = HostEndpoint(host: host, port: port) }
      } show: {
        .text($0.control?.host ?? Configuration.controlHost)
      },
      Setting("allow") { value, configuration throws(SettingProblem) in
        configuration.controlAllow = try value.networks()
      } show: {
        $0.controlAllow.map { .list($0.map { .text($0.description) }) }
      },
      Setting("announce") { value, configuration throws(SettingProblem) in
        configuration.announcesControl = try value.boolean()
      } show: {
        .boolean($0.announcesControl)
      },
    ])

  private static let web = SettingSection(
    "web",
    [
      Setting("enabled", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.hasWebPage = try value.boolean()
      } show: {
        .boolean($0.hasWebPage)
      },
      Setting("host", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.webHost = try value.ownAddress()
      } show: {
        .text($0.webHost)
      },
      Setting("port", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.webPort = try value.whole(in: Configuration.ports)
      } show: {
        .whole($0.webPort)
      },
    ])

  private static let metrics = SettingSection(
    "metrics",
    [
      Setting("port", needsRestart: true) { value, configuration throws(SettingProblem) in
        configuration.metricsPort = try value.whole(in: Configuration.ports)
      } show: {
        $0.metricsPort.map { .whole($0) }
      }
    ])
}

extension Configuration {
  /// Where control messages come in if only their port is set: nobody else can send them.
  static let controlHost = "127.0.0.1"
}
