public import Affect
public import AudioInput
public import Platform
public import Publishing

/// Everything that the daemon can be told, from the configuration file and the command line.
public struct Configuration: Sendable, Equatable {
  public var input = AudioInputName.alsa("default")
  /// The input as the user wrote it.
  public var inputText = "alsa:default"
  /// Whether a device that is absent at the start is waited for.
  public var waitsForInput = false
  /// Whether the built-in demo piece is played if the input cannot be opened.
  public var fallsBackToDemo = false
  /// dB; nil for what a calibration of this input has found, else 0.
  public var gain: Double?
  public var pipeline = PipelineSettings()
  /// How the thread that runs the networks is scheduled.
  public var inferencePriority = ThreadPriority.normal
  /// Whether the values are shown on standard output, even if that is no terminal.
  public var showsValues = false
  /// Milliseconds: positive ones publish later, negative ones only shift the time stamps.
  public var offset = 0.0
  /// Path of the Unix socket; nil for the usual place.
  public var socket: String?
  /// What the socket's clients get while the device is lost.
  public var socketOnLoss = LossPolicy.standard
  /// Clients of the socket that are served at once.
  public var socketClients = 2048
  public var osc = [OSCDestination.standard]
  public var dmx: [DMXDestination] = []
  public var wled: [WLEDDestination] = []
  /// Without a host no broker is told.
  public var mqtt = MQTTDestination(host: "")
  /// Without controls nothing is sent.
  public var midi = MIDIDestination(controls: [:])
  /// Where control messages come in; nil for nowhere.
  public var control: HostEndpoint?
  /// The networks from which control messages are heard; nil for those that the machine is in.
  public var controlAllow: [IPNetwork]?
  /// Whether Avahi announces the control port, if others can reach it.
  public var announcesControl = true
  /// The colours of a mood.
  public var palette = MoodPalette.standard
  /// Whether there is a web page.
  public var hasWebPage = false
  /// The address of this machine on which the web page is, in numbers.
  public var webHost = "127.0.0.1"
  public var webPort = 9480
  /// Port of the Prometheus page on the loopback interface; nil for none.
  public var metricsPort: Int?

  /// What may be set.
  public static let gains = -40.0...40.0
  public static let offsets = -10_000.0...10_000.0
  public static let clientCounts = 1...4096
  public static let ports = 1...65_535

  public init() {}

  public mutating func setInput(_ text: String) throws(Failure) {
    input = try AudioInputName(text)
    inputText = text
  }
}

extension Configuration {
  /// What the publishers need of it.
  public var publisher: Publisher.Settings {
    var settings = Publisher.Settings(
      osc: osc, control: control, controlAllow: controlAllow, socketOnLoss: socketOnLoss, offset: offset,
      palette: palette)
    settings.announcesControl = announcesControl
    settings.dmx = dmx
    settings.wled = wled
    settings.mqtt = mqtt.host.isEmpty ? nil : mqtt
    settings.midi = midi.controls.isEmpty ? nil : midi
    return settings
  }
}

extension Configuration {
  /// This configuration as far as it can take effect while affectd runs; the rest is that of `running`.
  public func keepingWhatNeedsARestart(of running: Configuration) -> Configuration {
    var result = running
    result.gain = gain
    result.offset = offset
    result.palette = palette
    result.socketOnLoss = socketOnLoss
    result.osc = osc
    result.dmx = dmx
    result.wled = wled
    result.mqtt = mqtt
    result.midi = midi
    result.control = control
    result.controlAllow = controlAllow
    result.announcesControl = announcesControl
    result.pipeline.smoothing = pipeline.smoothing
    result.pipeline.silence = pipeline.silence
    result.pipeline.deadBand = pipeline.deadBand
    result.pipeline.following = pipeline.following
    return result
  }
}

extension Configuration {
  /// The keys whose values differ from those of `other` and are taken over only at the next start, in the order of the
  /// settings. All other settings can change while the daemon runs.
  public func settingsThatNeedARestart(comparedTo other: Configuration) -> [String] {
    SettingSection.all.flatMap { section in
      section.settings
        .filter { $0.needsRestart && $0.show(self) != $0.show(other) }
        .map { "\(section.name).\($0.name)" }
    }
  }
}

extension Configuration {
  /// The configuration in force, as nested objects with the keys of the file. What is not set is `null`.
  public var json: JSONLine {
    var result = JSONLine()
    for section in SettingSection.all {
      var object = JSONLine()
      for setting in section.settings { object.add(setting.name, setting.show(self)) }
      for destination in DestinationKinds[section.name]?.all(in: self) ?? [] {
        object.add(destination.name, destination.json)
      }
      result.add(section.name, object)
    }
    return result
  }
}
