import Affect
package import Publishing

/// What a running affectd is doing, in some lines for people.
package struct StateSummary {
  private let hello: JSONValue?
  private let state: JSONValue
  private let stats: JSONValue

  /// - Parameters:
  ///   - hello: the first line of the socket; nil if it could not be read.
  ///   - state: the result of `get_state`.
  ///   - stats: the result of `get_stats`.
  package init(hello: JSONValue?, state: JSONValue, stats: JSONValue) {
    (self.hello, self.state, self.stats) = (hello, state, stats)
  }

  package var lines: [String] {
    var rows: [(name: String, text: String)] = []
    let name = state["state"]?.string ?? "unknown"
    rows.append(("state", name + meaning))
    let model = hello?["model"]?.string.map { ", \($0)" } ?? ""
    let hop = hello?["hop"]?.number.map { ", a value every \(Self.short($0)) s" } ?? ""
    rows.append(("input", "\(state["input"]?.string ?? hello?["input"]?.string ?? "?")\(model)\(hop)"))
    if let uptime = stats["uptime"]?.number { rows.append(("running", "for \(Self.duration(uptime))")) }
    rows.append(("values", values))
    let latest = state["latest"]
    if let level = latest?["level"]?.number { rows.append(("level", "\(level.fixed(1)) dBFS")) }
    if case .array(let conditions)? = latest?["conditions"] {
      for known in InputConditions.all where conditions.contains(.string(known.name)) {
        rows.append(("warning", known.advice))
      }
    }
    rows.append(("calibration", calibration))
    if let offset = state["offset"]?.number, offset != 0 { rows.append(("offset", "\(Self.short(offset)) ms")) }
    if let latency = Self.latency(stats["latency"]?["audio_to_packet"]) { rows.append(("latency", latency)) }
    rows.append(("clients", clients))
    rows += destinations
    let width = (rows.map(\.name.count).max() ?? 0) + 2
    return rows.map { $0.name + String(repeating: " ", count: width - $0.name.count) + $0.text }
  }

  /// What the person has to know of it first.
  private var meaning: String {
    if state["paused"] == .bool(true) { return ", PAUSED: nothing is published until affectctl resume" }
    if state["frozen"] == .bool(true) { return ", FROZEN: the values stand still until affectctl resume" }
    return state["meaning"]?.string.map { ": \($0)" } ?? ""
  }

  private var values: String {
    guard let latest = state["latest"], let valence = latest["valence"]?.number, let arousal = latest["arousal"]?.number
    else { return "none yet" }
    let confidence = latest["confidence"]?.number.map { ", confidence \($0.fixed(2))" } ?? ""
    return "valence \(Self.signed(valence, 2)), arousal \(Self.signed(arousal, 2))\(confidence)"
  }

  private var calibration: String {
    let gain = state["gain"]?.number ?? 0
    var text = "\(Self.signed(gain, 1)) dB"
    if case .array(let filter)? = state["filter"] { text += ", a filter of up to \(Self.largest(filter)) dB" }
    let adapted = state["adapted"]
    let found = adapted?["gain"]?.number ?? 0
    // Before anything was found there is a gain of 0 and no filter.
    if found != 0 || adapted?["filter"] ?? .null != .null {
      text += "; found over many pieces: \(Self.signed(found, 1)) dB"
      if case .array(let filter)? = adapted?["filter"] { text += ", a filter of up to \(Self.largest(filter)) dB" }
    }
    return text
  }

  private var clients: String {
    let socket = Int(stats["socket"]?["clients"]?.number ?? 0)
    // The one that asks is one of them.
    let others = max(0, socket - 1)
    let web = stats["web"]?["clients"]?.number.map { ", \(Int($0)) of the web page" } ?? ""
    return "\(others == 0 ? "none" : "\(others)") of the socket\(web)"
  }

  private var destinations: [(name: String, text: String)] {
    let rows = OutputKind.allCases.flatMap { kind in
      guard case .object(let members)? = state[kind.rawValue] else { return [(name: String, text: String)]() }
      return members.sorted { $0.key < $1.key }.map { name, entry in
        let host = entry["host"]?.string ?? "?"
        let sent = stats[kind.rawValue]?["destinations"]?[name]?["sent"]?.number
        let health = sent == 0 ? "nothing was sent yet" : "packets go out"
        return (kind.title, "\(name), \(host): \(entry["problem"]?.string ?? health)")
      }
    }
    return rows.contains { $0.name == OutputKind.osc.title } ? rows : [("OSC", "goes to nobody")] + rows
  }

  // MARK: - Numbers

  static func signed(_ value: Double, _ digits: Int) -> String { (value < 0 ? "" : "+") + value.fixed(digits) }

  private static func largest(_ filter: [JSONValue]) -> String {
    (filter.compactMap(\.number).map(\.magnitude).max() ?? 0).fixed(1)
  }

  /// Without digits that say nothing.
  static func short(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  /// Median and 99 of 100 of a latency of `get_stats`, in milliseconds; nil if nothing was measured.
  static func latency(_ entry: JSONValue?) -> String? {
    guard let entry, entry["count"]?.number != 0, let p50 = entry["p50"]?.number, let p99 = entry["p99"]?.number else {
      return nil
    }
    return "\((1000 * p50).fixed(1)) ms, 99 of 100 within \((1000 * p99).fixed(1)) ms"
  }

  static func duration(_ seconds: Double) -> String {
    let minutes = Int(seconds) / 60
    return switch minutes {
    case 0: "\(Int(seconds)) s"
    case 1..<60: "\(minutes) min"
    case 60..<2880: "\(minutes / 60) h \(minutes % 60) min"
    default: "\(minutes / 1440) days \(minutes % 1440 / 60) h"
    }
  }
}

/// What a running affectd has counted, in some lines for people.
package struct StatsSummary {
  private let stats: JSONValue

  /// - Parameter stats: the result of `get_stats`.
  package init(_ stats: JSONValue) { self.stats = stats }

  package var lines: [String] {
    var rows: [(name: String, text: String)] = []
    if let uptime = stats["uptime"]?.number { rows.append(("running", "for \(StateSummary.duration(uptime))")) }
    rows.append(("values", "\(count("ticks")) published, \(count("input", "skipped_ticks")) left out"))
    let lost = (stats["input"]?["lost_seconds"]?.number ?? 0).fixed(1)
    rows.append(
      ("audio", "\(lost) s lost, \(count("input", "overruns")) overruns, \(count("input", "reconnects")) reconnections")
    )
    if count("input", "invalid_samples") > 0 {
      rows.append(("warning", "\(count("input", "invalid_samples")) samples were no usable numbers"))
    }
    if case .array(let conditions)? = stats["input"]?["conditions"] {
      for known in InputConditions.all where conditions.contains(.string(known.name)) {
        rows.append(("warning", known.advice))
      }
    }
    for (name, key) in [
      ("latency", "audio_to_packet"), ("  look-ahead", "look_ahead"), ("  of networks", "inference"),
      ("  the rest", "rest"), ("networks", "network"),
    ] {
      if let text = StateSummary.latency(stats["latency"]?[key]) { rows.append((name, text)) }
    }
    for (name, key) in [("socket", "socket"), ("web page", "web")] where stats[key] != nil {
      rows.append(
        (
          name,
          "\(count(key, "clients")) clients, \(count(key, "dropped_lines")) lines not read in time, "
            + "\(count(key, "refused_clients")) turned away, \(count(key, "malformed_requests")) requests not understood"
        ))
    }
    for kind in OutputKind.allCases {
      guard case .object(let members)? = stats[kind.rawValue]?["destinations"] else { continue }
      for (name, entry) in members.sorted(by: { $0.key < $1.key }) {
        let sent = Int(entry["sent"]?.number ?? 0)
        let dropped = Int(entry["dropped"]?.number ?? 0)
        rows.append(
          ("\(kind.title) \(name)", "\(sent) packets, \(dropped) dropped\(entry["up"] == .bool(false) ? ", DOWN" : "")")
        )
      }
    }
    let messages = count("osc", "control_messages")
    let (refused, malformed) = (count("osc", "refused_messages"), count("osc", "malformed_packets"))
    if messages + refused + malformed + count("osc", "subscribers") > 0 {
      rows.append(
        (
          "control port",
          "\(messages) messages, \(refused) refused, \(malformed) packets not understood, \(count("osc", "subscribers")) subscribers"
        ))
    }
    let width = (rows.map(\.name.count).max() ?? 0) + 2
    return rows.map { $0.name + String(repeating: " ", count: width - $0.name.count) + $0.text }
  }

  private func count(_ path: String...) -> Int {
    Int(path.reduce(Optional(stats)) { $0?[$1] }?.number ?? 0)
  }
}

/// What a calibration has found, in some lines for people.
package struct CalibrationSummary {
  private let result: JSONValue

  /// - Parameter result: that of `calibrate`.
  package init(_ result: JSONValue) { self.result = result }

  package var lines: [String] {
    let gain = result["gain"]?.number ?? 0
    var lines = ["calibrated: the input is brought up by \(gain.fixed(1)) dB"]
    if gain < 0 { lines = ["calibrated: the input is brought down by \((-gain).fixed(1)) dB"] }
    if let loudness = result["loudness"]?.number { lines[0] += ", it was heard at \(loudness.fixed(1)) LUFS" }
    if case .array(let filter)? = result["filter"] {
      let largest = filter.compactMap(\.number).map(\.magnitude).max() ?? 0
      lines.append("the colour is changed by up to \(largest.fixed(1)) dB; --plot draws the filter")
    } else {
      lines.append("the colour stays as it is: 60 s of music, or 15 s of pink noise, have to be heard for that")
    }
    return lines + ["kept for this input, until the next calibration"]
  }
}
