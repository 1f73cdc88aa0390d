public import Affect

/// What is counted and measured while affectd runs.
public struct Metrics: Sendable {
  public var input = InputCounters()
  public var socket = SubscriberCounters()
  /// Of the web page; nil without one.
  public var web: SubscriberCounters?
  /// Ticks that were published.
  public var ticks = 0
  /// How the outputs fare, by their kind.
  package var outputs: [(kind: OutputKind, statuses: [OutputStatus])] = []
  public var osc = OSCControl()
  /// Of the monotonic clock, at the start.
  public var startTime: Double

  /// From the read that completed the hop to the packet.
  var audioToPacket = LatencyHistogram()
  /// The part of it in which the resampler waits for audio beyond the hop.
  var lookAhead = LatencyHistogram()
  /// The part of it that the network takes: little where its window was complete before the hop.
  var inference = LatencyHistogram()
  /// What is left: our own.
  var rest = LatencyHistogram()
  /// All that the network takes for a tick, most of it before the hop is complete.
  var network = LatencyHistogram()

  /// Of the control port.
  public struct OSCControl: Sendable {
    public var subscribers = 0
    public var messages = 0
    public var malformedPackets = 0
    public var refusedMessages = 0
    public var ignoredMessages = 0
    public var droppedPackets = 0
  }

  public init(startTime: Double) {
    self.startTime = startTime
  }

  /// - Parameter packetTime: of the monotonic clock, seconds, without the offset that was asked for.
  mutating func add(_ timing: TimedEstimate.Timing, packetTime: Double) {
    let total = packetTime - timing.hopArrival
    let lookAhead = max(0, timing.windowArrival - timing.hopArrival)
    let inference = max(0, timing.inferenceEnd - max(timing.inferenceStart, timing.hopArrival))
    network.add(seconds: timing.inferenceEnd - timing.inferenceStart)
    audioToPacket.add(seconds: total)
    self.lookAhead.add(seconds: lookAhead)
    self.inference.add(seconds: inference)
    rest.add(seconds: total - lookAhead - inference)
  }

  /// The servers that are there, by name.
  private var servers: [(name: String, counters: SubscriberCounters)] {
    [("socket", socket)] + (web.map { [("web", $0)] } ?? [])
  }

  private var histograms: [(name: String, histogram: LatencyHistogram, help: String)] {
    [
      ("audio_to_packet", audioToPacket, "From the read that completes a hop to the packet"),
      ("look_ahead", lookAhead, "Part of it: the resampler waits for audio beyond the hop"),
      ("inference", inference, "Part of it: the networks"),
      ("rest", rest, "Part of it: everything else"),
      ("network", network, "All that the networks take for a tick, most of it before the hop is complete"),
    ]
  }

  /// As one JSON object; times in seconds.
  ///
  /// - Parameter now: of the monotonic clock.
  func json(now: Double) -> JSONLine {
    var line = JSONLine()
    line.add("uptime", ((now - startTime) * 1e3).rounded() / 1e3)
    line.add("ticks", ticks)
    var input = JSONLine()
    input.add("overruns", self.input.overruns)
    input.add("reconnects", self.input.reconnects)
    input.add("skipped_ticks", self.input.skippedTicks)
    input.add("lost_seconds", (self.input.lostSeconds * 1e3).rounded() / 1e3)
    input.add("invalid_samples", self.input.invalidSamples)
    input.add("conditions", self.input.conditions.names)
    line.add("input", input)
    var latency = JSONLine()
    for (name, histogram, _) in histograms {
      var entry = JSONLine()
      entry.add("count", histogram.count)
      entry.add("p50", Self.rounded(histogram.percentile(50)))
      entry.add("p99", Self.rounded(histogram.percentile(99)))
      entry.add("max", Self.rounded(histogram.maximum))
      latency.add(name, entry)
    }
    line.add("latency", latency)
    for (name, counters) in servers {
      var server = JSONLine()
      server.add("clients", counters.clients)
      server.add("dropped_lines", counters.droppedLines)
      server.add("refused_clients", counters.refusedClients)
      server.add("malformed_requests", counters.malformedRequests)
      line.add(name, server)
    }
    var osc = JSONLine()
    for (kind, statuses) in outputs {
      var destinations = JSONLine()
      for status in statuses {
        var entry = JSONLine()
        entry.add("sent", status.sent)
        entry.add("dropped", status.dropped)
        entry.add("up", status.isUp)
        destinations.add(status.name, entry)
      }
      guard kind != .osc else {
        osc.add("destinations", destinations)
        continue
      }
      var others = JSONLine()
      others.add("destinations", destinations)
      if !statuses.isEmpty { line.add(kind.rawValue, others) }
    }
    osc.add("subscribers", self.osc.subscribers)
    osc.add("control_messages", self.osc.messages)
    osc.add("malformed_packets", self.osc.malformedPackets)
    osc.add("refused_messages", self.osc.refusedMessages)
    osc.add("ignored_messages", self.osc.ignoredMessages)
    osc.add("dropped_packets", self.osc.droppedPackets)
    line.add("osc", osc)
    return line
  }

  /// To a microsecond, which is what is measured.
  private static func rounded(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }

  /// In the text format of Prometheus, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
  func prometheus(now: Double) -> String {
    var text = ""
    func add(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: String)]) {
      text += "# HELP affectd_\(name) \(help).\n# TYPE affectd_\(name) \(kind)\n"
      for sample in samples { text += "affectd_\(name)\(sample.labels) \(sample.value)\n" }
    }
    func counter(_ name: String, _ help: String, _ value: Int) { add(name, "counter", help, [("", "\(value)")]) }
    add("uptime_seconds", "gauge", "Time since the start", [("", "\(now - startTime)")])
    counter("ticks_total", "Ticks published", ticks)
    counter("capture_overruns_total", "Overruns of the device", input.overruns)
    counter("reconnects_total", "Returns of a lost device", input.reconnects)
    counter("skipped_ticks_total", "Ticks left out because the network did not keep up", input.skippedTicks)
    add("lost_audio_seconds_total", "counter", "Audio that was lost", [("", "\(input.lostSeconds)")])
    counter("invalid_samples_total", "Samples that were no usable numbers", input.invalidSamples)
    let conditions = InputConditions.all.map {
      ("{condition=\"\($0.name)\"}", input.conditions.contains($0.condition) ? "1" : "0")
    }
    add("input_condition", "gauge", "Whether this is the matter with the audio", conditions)
    for (name, counters) in servers {
      add("\(name)_clients", "gauge", "Clients of the \(name)", [("", "\(counters.clients)")])
      counter("\(name)_dropped_lines_total", "Lines that clients did not read in time", counters.droppedLines)
      counter("\(name)_refused_clients_total", "Clients that were turned away", counters.refusedClients)
      counter("\(name)_malformed_requests_total", "Requests that could not be read", counters.malformedRequests)
    }
    for (kind, statuses) in outputs where kind == .osc || !statuses.isEmpty {
      // A destination's name has letters, digits, - and _ only: nothing to escape.
      func samples(_ value: (OutputStatus) -> Int) -> [(labels: String, value: String)] {
        statuses.map { ("{destination=\"\($0.name)\"}", "\(value($0))") }
      }
      let (name, title) = (kind.rawValue, kind.title)
      add("\(name)_sent_packets_total", "counter", "\(title) packets or messages sent", samples(\.sent))
      add(
        "\(name)_dropped_packets_total", "counter", "\(title) packets or messages that did not go out",
        samples(\.dropped))
      add(
        "\(name)_destination_up", "gauge", "Whether what was sent last to a destination went out",
        samples { $0.isUp ? 1 : 0 })
    }
    add("osc_subscribers", "gauge", "Subscribers with a lease", [("", "\(osc.subscribers)")])
    counter("osc_malformed_packets_total", "Control packets that are not OSC", osc.malformedPackets)
    counter("osc_refused_messages_total", "Control messages that were refused", osc.refusedMessages)
    counter("osc_ignored_messages_total", "Control messages that ask for nothing or are not heard", osc.ignoredMessages)
    counter(
      "osc_control_dropped_packets_total", "Answers and ticks of subscribers that did not go out", osc.droppedPackets)
    for (name, histogram, help) in histograms {
      add(
        "\(name)_seconds", "summary", help,
        [
          ("{quantile=\"0.5\"}", "\(histogram.percentile(50))"),
          ("{quantile=\"0.99\"}", "\(histogram.percentile(99))"),
          ("{quantile=\"1\"}", "\(histogram.maximum)"),
        ])
      text += "affectd_\(name)_seconds_count \(histogram.count)\n"
    }
    return text
  }
}
