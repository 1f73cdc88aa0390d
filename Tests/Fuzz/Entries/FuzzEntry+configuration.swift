internal import Affect
internal import CommandLineSupport
import Platform
internal import Publishing
internal import Tracking

extension FuzzEntry {
  static func acceptsConfiguration(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    let configuration: Configuration
    do {
      configuration = try ConfigurationFile.parse(text: text, path: "affectd.toml")
    } catch {
      try BrokenPromise.unless(error.code == .configuration, "mistakes are expected, found \(error.description)")
      try BrokenPromise.unless(
        error.description.hasPrefix("affectd.toml"), "the file is named in '\(error.description)'")
      return false
    }
    try checkRanges(configuration)
    return true
  }

  /// What may be set is written down beside the settings.
  private static func checkRanges(_ configuration: Configuration) throws(BrokenPromise) {
    func check<Value: Comparable>(
      _ value: Value?, _ range: ClosedRange<Value>, _ name: String
    ) throws(BrokenPromise) {
      guard let value else { return }
      try BrokenPromise.unless(range.contains(value), "\(name) lies in \(range), found \(value)")
    }
    let pipeline = configuration.pipeline
    try check(pipeline.hop.seconds, Hop.range, "the hop")
    try check(pipeline.threads, PipelineSettings.threadCounts, "the number of threads")
    try check(pipeline.deadBand, PipelineSettings.deadBands, "the dead band")
    try check(pipeline.silence.threshold, SilenceSettings.thresholds, "the threshold")
    try check(pipeline.silence.delay, SilenceSettings.delays, "the delay of silence")
    try check(pipeline.silence.hold, SilenceSettings.holds, "the hold in silence")
    try check(pipeline.silence.decay, SilenceSettings.decays, "the decay in silence")
    try check(configuration.gain, Configuration.gains, "the gain")
    try check(configuration.offset, Configuration.offsets, "the offset")
    try check(configuration.socketClients, Configuration.clientCounts, "the number of clients")
    try check(configuration.control?.port, Configuration.ports, "the control port")
    try check(configuration.metricsPort, Configuration.ports, "the metrics port")
    for destination in configuration.osc {
      try check(destination.endpoint.port, Configuration.ports, "the port")
      try check(destination.rate, TickRate.range, "the rate")
      try BrokenPromise.unless(destination.range.count == 2, "a range has two ends, found \(destination.range)")
      for end in destination.range { try check(abs(end), 0...OSCDestination.rangeLimit, "an end of the range") }
    }
    for destination in configuration.dmx {
      try check(destination.universe, destination.networkProtocol.universes, "the universe")
      try check(destination.priority, DMXDestination.priorities, "the priority")
      try check(destination.rate, DMXDestination.rates, "the frames per second")
      for number in destination.channels.keys { try check(number, DMXDestination.channelNumbers, "a channel") }
    }
    for destination in configuration.wled {
      try check(destination.leds, WLEDDestination.ledCounts, "the number of LEDs")
      try check(destination.rate, WLEDDestination.rates, "the colors per second")
      try check(destination.port, Configuration.ports, "the port of a lamp")
    }
    try check(configuration.mqtt.port, Configuration.ports, "the broker's port")
    try check(configuration.mqtt.rate, TickRate.range, "the broker's rate")
    try BrokenPromise.unless(MQTTDestination.isTopic(configuration.mqtt.topic), "the topic is one")
    let midi = configuration.midi
    try check(midi.channel, MIDIDestination.channels, "the MIDI channel")
    try check(midi.rate, TickRate.range, "the MIDI rate")
    let isFine = midi.resolution == .fourteenBits
    for number in midi.controls.keys {
      try check(number, isFine ? MIDIDestination.coarseControllers : MIDIDestination.controllers, "a controller")
    }
  }
}
