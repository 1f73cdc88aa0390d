import Affect
import Glibc
import NIOCore
import Platform
import Publishing
import TestSupport
import Testing

/// The page for Prometheus, over real HTTP.
@Suite(.ownThreads) struct MetricsServerTests {
  private func run(
    _ osc: [OSCDestination] = [], _ body: @Sendable (PublisherFixture, Int) async throws -> Void
  ) async throws {
    try await PublisherFixture.run(osc: osc) { fixture in
      let (server, port) = try await open(fixture)
      do {
        try await body(fixture, port)
      } catch {
        await server.close()
        throw error
      }
      await server.close()
    }
  }

  private func open(_ fixture: PublisherFixture) async throws -> (MetricsServer, Int) {
    let publisher = fixture.publisher
    // Between finding a free port and taking it, somebody else may take it.
    for _ in 1..<10 {
      let port = try FreePort.find(SOCK_STREAM)
      do {
        let server = try await MetricsServer.listen(port: port, on: fixture.socket.eventLoop) {
          publisher.prometheusReport
        }
        return (server, port)
      } catch let error as Failure where error.code == .unavailable {
        continue
      }
    }
    throw Failure(.unavailable, "no port is free")
  }

  /// The first line and the body of the answer to a request.
  private func ask(_ port: Int, _ request: String) throws -> (status: String, body: String) {
    let answer = try TCPClient(port: port).exchange("\(request) HTTP/1.1\r\nHost: localhost\r\n\r\n")
    let status = answer.prefix { $0 != "\r\n" }
    let body = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
    return (String(status), String(body))
  }

  @Test(arguments: ["/metrics", "/metrics?name=value"])
  func thePageIsInTheTextFormat(_ path: String) async throws {
    let receiver = try PacketReceiver()
    try await run([.test("desk-1", port: receiver.port), .test("stage_2", port: receiver.port)]) { fixture, port in
      let now = Double(NIODeadline.now().uptimeNanoseconds) * 1e-9
      let timing = TimedEstimate.Timing(
        hopArrival: now - 1, windowArrival: now - 0.9, inferenceStart: now - 0.9, inferenceEnd: now - 0.4)
      fixture.publisher.publish(TimedEstimate(.sample(1), unixTime: 1e9, timing: timing))
      var counters = InputCounters()
      counters.lostSeconds = 2.5
      counters.overruns = 4
      fixture.publisher.use(counters)
      let (status, body) = try ask(port, "GET \(path)")
      #expect(status == "HTTP/1.1 200 OK")

      // prometheus.io/docs/instrumenting/exposition_formats, "Comments, help text, and type information".
      let comment = /# (HELP [a-z_]+ [^\\]+|TYPE [a-z_]+ (counter|gauge|summary))/
      let sample = /([a-z_]+)(\{[a-z]+="[^"\\]+"\})? (-?[0-9.]+(?:e[-+]?[0-9]+)?)/
      #expect(body.hasSuffix("\n"))
      var names: Set<String> = []
      var samples: [String: Double] = [:]
      for line in body.split(separator: "\n") {
        if let match = line.wholeMatch(of: sample) {
          samples[String(match.1) + String(match.2 ?? "")] = Double(match.3)
          names.insert(String(match.1))
        } else {
          #expect(line.wholeMatch(of: comment) != nil, "\(line)")
        }
      }
      // Every name has its type, before its samples, once.
      for name in names {
        let base = name.hasSuffix("_count") ? String(name.dropLast("_count".count)) : name
        #expect(body.split(separator: "# TYPE \(base) ", omittingEmptySubsequences: false).count == 2, "\(name)")
      }
      #expect(names.allSatisfy { $0.hasPrefix("affectd_") })
      #expect(samples["affectd_ticks_total"] == 1)
      #expect(samples["affectd_lost_audio_seconds_total"] == 2.5)
      #expect(samples["affectd_capture_overruns_total"] == 4)
      #expect(samples[#"affectd_osc_sent_packets_total{destination="desk-1"}"#] == 1)
      #expect(samples[#"affectd_osc_dropped_packets_total{destination="stage_2"}"#] == 0)
      #expect(samples["affectd_inference_seconds_count"] == 1)
      let inference = try #require(samples[#"affectd_inference_seconds{quantile="0.5"}"#])
      #expect(abs(inference - 0.5) < 0.001)
    }
  }

  @Test func headersAreThoseOfAPageThatEnds() async throws {
    try await run { _, port in
      let answer = try TCPClient(port: port).exchange("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").lowercased()
      #expect(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"))
      #expect(answer.contains("connection: close\r\n"))
      let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
      #expect(parts.count == 2 && answer.contains("content-length: \(parts.last?.utf8.count ?? 0)\r\n"))
      // Only what would be sent is said.
      let head = try ask(port, "HEAD /metrics")
      #expect(head.status == "HTTP/1.1 200 OK" && head.body.isEmpty)
    }
  }

  @Test(arguments: [
    ("GET /", "404"), ("GET /metrics/", "404"), ("GET /metric", "404"), ("GET /Metrics", "404"), ("GET ?", "4"),
    ("POST /metrics", "405"), ("PUT /metrics", "405"), ("DELETE /", "405"), ("nonsense", "400"),
  ])
  func otherRequestsAreRefused(_ request: String, _ status: String) async throws {
    try await run { _, port in
      let answer = try ask(port, request)
      #expect(answer.status.hasPrefix("HTTP/1.1 \(status)"), "\(answer.status)")
      #expect(!answer.body.contains("affectd_"))
      // The next one is served.
      #expect(try ask(port, "GET /metrics").status == "HTTP/1.1 200 OK")
    }
  }

  /// On Linux all of 127.0.0.0/8 is this machine: a server on every interface would answer at 127.0.0.2 as well.
  @Test func onlyTheLoopbackAddressIsServed() async throws {
    try await run { _, port in
      let (status, _) = try ask(port, "GET /metrics")
      #expect(status == "HTTP/1.1 200 OK")
      #expect(throws: SocketClient.Failure.self) { _ = try TCPClient(host: "127.0.0.2", port: port) }
    }
  }

  @Test func aPortThatIsTakenIsRefusedWithAMessage() async throws {
    try await run { fixture, port in
      let error = await #expect(throws: Failure.self) {
        _ = try await MetricsServer.listen(port: port, on: fixture.socket.eventLoop) { "" }
      }
      #expect(error?.code == .unavailable)
      let description = error?.description ?? ""
      #expect(description.contains("metrics port \(port)") && description.contains("metrics.port"))
    }
  }
}
