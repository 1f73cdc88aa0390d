import Publishing
import Testing
import affectctl

/// What `affectctl state` and `affectctl stats` say to people.
@Suite struct SummaryTests {
  private func value(_ text: String) throws -> JSONValue { try #require(JSONValue(Array(text.utf8))) }

  @Test func theStateIsSaidInWords() throws {
    let state = try value(
      #"""
      {"state":"tracking","meaning":"The values follow the music.","paused":false,"frozen":false,"offset":-20,
      "osc":{"desk":{"host":"10.0.0.9","address":"10.0.0.9:8000","problem":"Network is unreachable"},
      "local":{"host":"127.0.0.1","address":"127.0.0.1:9000"}},"dmx":{"stage":{"host":"239.255.0.1"}},
      "midi":{"sequencer":{"host":"affectd","problem":"no sequencer"}},"gain":-3.25,"filter":[1.5,-4.5],
      "adapted":{"gain":0.5,"filter":null},"input":"alsa:hw:CARD=USB",
      "latest":{"valence":-0.254,"arousal":0.5,"confidence":0.713,"level":-23.46,"conditions":["hum"]}}
      """#)
    let stats = try value(
      #"{"uptime":8000,"latency":{"audio_to_packet":{"count":5,"p50":0.0123,"p99":0.02}},"socket":{"clients":3},"dmx":{"destinations":{"stage":{"sent":0}}}}"#
    )
    let lines = StateSummary(
      hello: try value(#"{"type":"hello","model":"deam-mlp","hop":0.5}"#), state: state, stats: stats
    ).lines
    #expect(
      lines == [
        "state        tracking: The values follow the music.",
        "input        alsa:hw:CARD=USB, deam-mlp, a value every 0.5 s",
        "running      for 2 h 13 min",
        "values       valence -0.25, arousal +0.50, confidence 0.71",
        "level        -23.5 dBFS",
        "warning      the mains hums in the input: look at the cable's shield and at the ground of the mixer",
        "calibration  -3.3 dB, a filter of up to 4.5 dB; found over many pieces: +0.5 dB",
        "offset       -20 ms",
        "latency      12.3 ms, 99 of 100 within 20.0 ms",
        "clients      2 of the socket",
        "OSC          desk, 10.0.0.9: Network is unreachable",
        "OSC          local, 127.0.0.1: packets go out",
        "DMX          stage, 239.255.0.1: nothing was sent yet",
        "MIDI         sequencer, affectd: no sequencer",
      ])
  }

  @Test func whatWasNotFoundYetIsNotTold() throws {
    let state = try value(#"{"state":"reconnecting","gain":0,"filter":null,"adapted":{"gain":0.0,"filter":null}}"#)
    let lines = StateSummary(hello: nil, state: state, stats: .object([:])).lines
    #expect(lines.contains("calibration  +0.0 dB"))
  }

  @Test func whoFrozeOrPausedItIsToldHowItEnds() throws {
    for (key, text) in [("frozen", "FROZEN: the values stand still"), ("paused", "PAUSED: nothing is published")] {
      let state = try value(#"{"state":"tracking","meaning":"x","\#(key)":true}"#)
      let lines = StateSummary(hello: nil, state: state, stats: .object([:])).lines
      #expect(lines[0].contains("tracking, \(text) until affectctl resume"))
      #expect(lines.contains("values       none yet") && lines.contains("OSC          goes to nobody"))
    }
  }

  @Test func theCountersAreSaidInWords() throws {
    let stats = try value(
      #"""
      {"uptime":59,"ticks":118,"input":{"overruns":1,"reconnects":2,"skipped_ticks":3,"lost_seconds":1.25,
      "invalid_samples":7,"conditions":["clipping"]},"latency":{"audio_to_packet":{"count":1,"p50":0.012,"p99":0.02},
      "look_ahead":{"count":0,"p50":0,"p99":0}},"socket":{"clients":4,"dropped_lines":5,"refused_clients":6,
      "malformed_requests":8},"osc":{"destinations":{"desk":{"sent":9,"dropped":10,"up":false}},"subscribers":1,
      "control_messages":11,"refused_messages":12,"malformed_packets":13},
      "wled":{"destinations":{"shelf":{"sent":14,"dropped":15,"up":true}}}}
      """#)
    #expect(
      StatsSummary(stats).lines == [
        "running       for 59 s",
        "values        118 published, 3 left out",
        "audio         1.3 s lost, 1 overruns, 2 reconnections",
        "warning       7 samples were no usable numbers",
        "warning       the input clips: turn down what comes before it, a calibration cannot mend that",
        "latency       12.0 ms, 99 of 100 within 20.0 ms",
        "socket        4 clients, 5 lines not read in time, 6 turned away, 8 requests not understood",
        "OSC desk      9 packets, 10 dropped, DOWN",
        "WLED shelf    14 packets, 15 dropped",
        "control port  11 messages, 12 refused, 13 packets not understood, 1 subscribers",
      ])
  }

  @Test func nothingThatIsMissingIsAnError() throws {
    #expect(!StateSummary(hello: nil, state: .null, stats: .null).lines.isEmpty)
    #expect(!StatsSummary(.array([])).lines.isEmpty)
  }

  @Test func aCalibrationSaysWhatItFound() throws {
    let full = try value(#"{"gain":-3.25,"loudness":-14.1,"filter":[1,-6.5]}"#)
    #expect(
      CalibrationSummary(full).lines == [
        "calibrated: the input is brought down by 3.3 dB, it was heard at -14.1 LUFS",
        "the colour is changed by up to 6.5 dB; --plot draws the filter",
        "kept for this input, until the next calibration",
      ])
    let short = CalibrationSummary(try value(#"{"gain":2,"loudness":null,"filter":null}"#)).lines
    #expect(
      short[0] == "calibrated: the input is brought up by 2.0 dB" && short[1].hasPrefix("the colour stays as it is"))
  }
}
