import Affect
import ArgumentParser
import CommandLineSupport
import Glibc
import Platform
import Publishing

struct BenchService: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service",
    abstract: "Measures latency, load and memory of affectd as a service, on this machine.",
    discussion: """
      Starts the affectd that lies beside affectctl, several times. Latency counts from the return of the read that \
      completes a hop to the packet. Of it, the time in which the resampler waits for audio beyond the hop and the time \
      of the network are given apart; the rest is affectd's own. Delivery is the time from the arrival of a tick's OSC \
      packet to that of its line at a client of the socket, measured at the clients, so that their own reading is part \
      of it.
      """)

  @Option(
    help: ArgumentHelp("What affectd listens to.", valueName: "input"), completion: .list(["demo", "file:", "tone:"]))
  var input = "demo"

  @Option(help: ArgumentHelp("Seconds from one tick to the next.", valueName: "seconds"))
  var hop = 0.05

  @Option(help: ArgumentHelp("Ticks of the first run, at least 100.", valueName: "count"))
  var ticks = 1200

  @Option(help: ArgumentHelp("Ticks of each run with subscribers, at least 20.", valueName: "count"))
  var deliveryTicks = 200

  @Flag(help: "Print JSON lines.")
  var json = false

  func validate() throws {
    guard ticks >= 100, deliveryTicks >= 20 else { throw ValidationError("too few ticks to measure anything") }
  }

  @OptionGroup var progress: ProgressOptions

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      signal(SIGPIPE, SIG_IGN)
      Self.raiseDescriptorLimit()
      try measureSteadyState()
      for (readers, sleepers) in [(1, 0), (100, 0), (1000, 0), (1, 100)] {
        try measureDelivery(readers: readers, sleepers: sleepers)
      }
    }
  }

  /// One client, many ticks.
  private func measureSteadyState() throws {
    let service = try ServiceUnderTest(input: input, hop: hop)
    let client = try ControlClient(path: service.socket)
    // Windows and caches are full, and every size of memory has been asked for once.
    try service.waitForTicks(100, client)
    let before = try service.usage()
    let progress = WorkProgress("ticks", total: ticks, progress)
    try service.waitForTicks(ticks, client, progress: progress)
    progress.clear()
    let after = try service.usage()
    let stats = try client.call("get_stats")
    try service.end()

    let share = (after.processorTime - before.processorTime) / (after.time - before.time)
    if json {
      var line = JSONLine()
      line.add("type", "steady")
      line.add("ticks", ticks)
      line.add("hop", hop)
      for name in Self.histograms {
        var entry = JSONLine()
        for key in ["p50", "p99", "max"] { entry.add(key, stats["latency"]?[name]?[key]?.number ?? .nan) }
        line.add(name, entry)
      }
      line.add("processor_share", share)
      line.add("resident_bytes_before", before.residentBytes)
      line.add("resident_bytes_after", after.residentBytes)
      Console.writeOutput(line.object + "\n")
      return
    }
    Console.writeOutput("\(input), a tick every \(hop) s, \(ticks) ticks; milliseconds\n")
    Console.writeOutput(Self.row("", ["p50", "p99", "max"]))
    for name in Self.histograms {
      let cells = ["p50", "p99", "max"].map { Self.milliseconds(stats["latency"]?[name]?[$0]?.number) }
      Console.writeOutput(Self.row(name, cells))
    }
    Console.writeOutput("processor: \((share * 100).fixed(1)) % of a core\n")
    let (first, last) = (Double(before.residentBytes) / 1_048_576, Double(after.residentBytes) / 1_048_576)
    Console.writeOutput(
      "resident memory: \(first.fixed(1)) MiB after 100 ticks, \(last.fixed(1)) MiB at the end\n\n")
    Console.writeOutput("delivery to clients of the socket, and affectd's own part of the latency; milliseconds\n")
    Console.writeOutput(Self.row("clients", ["p50", "p99", "max", "rest p99", "dropped"]))
  }

  /// `readers` clients that read, and `sleepers` that never do.
  private func measureDelivery(readers: Int, sleepers: Int) throws {
    let receiver = try DeliveryProbe.PacketSocket()
    let service = try ServiceUnderTest(input: input, hop: hop, packetsTo: receiver.port)
    let sleeping = try (0..<sleepers).map { _ in try Self.connect(service.socket) }
    defer { for descriptor in sleeping { close(descriptor) } }
    let probe = try DeliveryProbe(socket: service.socket, clients: readers, packets: receiver)
    let delays = try probe.measure(ticks: deliveryTicks)
    let control = try ControlClient(path: service.socket)
    let stats = try control.call("get_stats")
    try service.end()

    let sorted = delays.sorted()
    let percentile = { (share: Double) in sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] }
    let rest = stats["latency"]?["rest"]?["p99"]?.number
    let dropped = stats["socket"]?["dropped_lines"]?.number ?? 0
    if json {
      var line = JSONLine()
      line.add("type", "delivery")
      line.add("readers", readers)
      line.add("sleepers", sleepers)
      line.add("p50", percentile(0.5))
      line.add("p99", percentile(0.99))
      line.add("max", sorted[sorted.count - 1])
      line.add("rest_p99", rest ?? .nan)
      line.add("dropped_lines", Int(dropped))
      Console.writeOutput(line.object + "\n")
    } else {
      let name = sleepers == 0 ? "\(readers)" : "\(readers), and \(sleepers) that never read"
      Console.writeOutput(
        Self.row(
          name,
          [percentile(0.5), percentile(0.99), sorted[sorted.count - 1], rest].map(Self.milliseconds)
            + ["\(Int(dropped))"]))
    }
  }

  private static let histograms = ["audio_to_packet", "look_ahead", "inference", "rest", "network"]

  private static func connect(_ path: String) throws -> Int32 {
    do {
      return try UnixSocket.connect(to: path)
    } catch {
      throw Failure(.unavailable, "socket \(path): \(error)")
    }
  }

  /// Each client takes a descriptor, here and in affectd.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private static func row(_ name: String, _ cells: [String]) -> String {
    let padded = cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
    return name + String(repeating: " ", count: max(0, 28 - name.count)) + padded.joined() + "\n"
  }

  private static func milliseconds(_ seconds: Double?) -> String {
    seconds.map { ($0 * 1000).fixed(2) } ?? "-"
  }
}
