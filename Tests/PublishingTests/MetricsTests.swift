import Affect
import Platform
import Publishing
import TestSupport
import Testing

/// What is counted and measured of that which is published.
@Suite(.ownThreads) struct MetricsTests {
  @Test func everythingIsCounted() async throws {
    let receiver = try PacketReceiver()
    let port = receiver.port
    try await PublisherFixture.run(osc: [.test("a", port: port)]) { fixture in
      let client = try fixture.client()
      var counters = InputCounters()
      counters.overruns = 3
      counters.reconnects = 2
      counters.skippedTicks = 5
      counters.lostSeconds = 1.5
      counters.invalidSamples = 7
      counters.conditions = [.outOfRange, .hum]
      fixture.publisher.use(counters)
      let now = SystemClock().now
      // The audio came two seconds ago, and its network was ready one second later.
      let timing = TimedEstimate.Timing(
        hopArrival: now - 2, windowArrival: now - 1.9, inferenceStart: now - 1.5, inferenceEnd: now - 1)
      fixture.publisher.publish(TimedEstimate(.sample(1), unixTime: 1e9, timing: timing))
      fixture.publisher.publish(.sample(2))
      client.send("nonsense\n")
      #expect(try client.next { $0["jsonrpc"] != nil } != nil)

      let metrics = try await fixture.metrics()
      #expect(metrics["ticks"] == .number(2))
      #expect(
        metrics["input"]
          == JSONValue(
            Array(
              #"{"overruns":3,"reconnects":2,"skipped_ticks":5,"lost_seconds":1.5,"invalid_samples":7,"conditions":["out_of_range","hum"]}"#
                .utf8)))
      #expect(metrics["osc"]?["destinations"]?["a"]?["sent"] == .number(2))
      #expect(metrics["osc"]?["destinations"]?["a"]?["dropped"] == .number(0))
      #expect(metrics["socket"]?["clients"] == .number(1))
      #expect(metrics["socket"]?["malformed_requests"] == .number(1))
      // Only one tick had audio. Three digits are kept.
      for name in ["audio_to_packet", "look_ahead", "inference", "rest"] {
        #expect(metrics["latency"]?[name]?["count"] == .number(1))
      }
      func seconds(_ name: String) throws -> Double { try #require(metrics["latency"]?[name]?["p50"]?.number) }
      #expect(abs(try seconds("look_ahead") - 0.1) < 0.001)
      #expect(abs(try seconds("inference") - 0.5) < 0.001)
      #expect(try seconds("audio_to_packet") >= 1.99)
      #expect(abs(try seconds("rest") - (seconds("audio_to_packet") - 0.6)) < 0.01)
      #expect(try #require(metrics["uptime"]?.number) >= 0)
    }
  }

  /// What the networks do before the hop is complete is no part of the latency.
  @Test func workBeforeTheHopIsNoLatency() async throws {
    try await PublisherFixture.run { fixture in
      let now = SystemClock().now
      for (start, end) in [(now - 3, now - 2.5), (now - 1.25, now - 0.75)] {
        let timing = TimedEstimate.Timing(
          hopArrival: now - 1, windowArrival: now - 1, inferenceStart: start, inferenceEnd: end)
        fixture.publisher.publish(TimedEstimate(.sample(1), unixTime: 1e9, timing: timing))
      }
      let metrics = try await fixture.metrics()
      func seconds(_ name: String, _ key: String) throws -> Double {
        try #require(metrics["latency"]?[name]?[key]?.number)
      }
      #expect(try seconds("inference", "p50") < 0.001)
      #expect(abs(try seconds("inference", "max") - 0.25) < 0.001)
      #expect(abs(try seconds("network", "max") - 0.5) < 0.001)
      #expect(try seconds("look_ahead", "max") == 0)
      // The first came a whole second before the packet, with nothing to wait for.
      #expect(try seconds("rest", "max") >= 0.999)
    }
  }

  @Test func anOffsetIsNoLatency() async throws {
    try await PublisherFixture.run(offset: 10_000) { fixture in
      let now = SystemClock().now
      // As if the tick had waited: it was ready ten seconds and a half ago.
      let timing = TimedEstimate.Timing(
        hopArrival: now - 10.5, windowArrival: now - 10.5, inferenceStart: now - 10.5, inferenceEnd: now - 10.5)
      fixture.publisher.publish(TimedEstimate(.sample(1), unixTime: 1e9, timing: timing))
      await fixture.publisher.close()
      let latency = try #require(try await fixture.metrics()["latency"]?["audio_to_packet"]?["max"]?.number)
      #expect(latency >= 0.499)
      #expect(latency < 10)
    }
  }
}
