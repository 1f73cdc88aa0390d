import Affect
import ArgumentParser
import CommandLineSupport
import FastKernels
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

  @Option(help: ArgumentHelp("Seconds from one tick to the next; may be given several times.", valueName: "seconds"))
  var hop = [0.5, 0.1, 0.05]

  @Option(help: ArgumentHelp("How long each hop is measured, 10 to 3600 s.", valueName: "seconds"))
  var seconds = 60.0

  @Option(help: ArgumentHelp("Ticks of each run with subscribers, at least 20.", valueName: "count"))
  var deliveryTicks = 200

  @Option(
    help: ArgumentHelp("The emotion model. (default: the one that comes with affectd)", valueName: "file"),
    completion: .file())
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Measure as a smaller processor would: portable, avx2 or avx512. (default: the best that this one has)",
      valueName: "set"), completion: .list(["portable", "avx2", "avx512"]))
  var instructions: String?

  @Option(
    help: ArgumentHelp(
      "Scheduling of the thread that runs the networks, as tracking.priority has it: normal or realtime. (default: "
        + "normal)",
      valueName: "kind"), completion: .list(ThreadPriority.allCases.map(\.rawValue)),
    transform: { text in
      guard let priority = ThreadPriority(rawValue: text) else {
        throw ValidationError("expected normal or realtime")
      }
      return priority
    })
  var priority = ThreadPriority.normal

  @Flag(help: "Print JSON lines.")
  var json = false

  func validate() throws {
    guard (10...3600).contains(seconds), deliveryTicks >= 20 else {
      throw ValidationError("too few ticks to measure anything")
    }
    guard !hop.isEmpty, hop.allSatisfy({ Hop(seconds: $0) != nil }) else {
      throw ValidationError("--hop: expected 0.05 to 5 seconds")
    }
    if let instructions, !Kernels.available.contains(where: { $0.name == instructions }) {
      let available = Kernels.available.map(\.name).joined(separator: ", ")
      throw ValidationError("--instructions: this processor runs \(available)")
    }
  }

  @OptionGroup var progress: ProgressOptions

  private var service: ServiceUnderTest.Settings {
    ServiceUnderTest.Settings(input: input, model: model, instructions: instructions, priority: priority)
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      signal(SIGPIPE, SIG_IGN)
      Self.raiseDescriptorLimit()
      if !json {
        Console.writeOutput("\(Machine.processorName), \(instructions ?? Kernels.standard.name); \(input)\n\n")
        Console.writeOutput("from audio to packet, and the networks alone, milliseconds; resident memory, MiB\n")
        let columns = ["core", "wake-ups/s", "p50", "p99", "max", "alone p50", "p99", "memory", "at the end"]
        Console.writeOutput(Self.row("values/s", columns, 8, 11))
      }
      for hop in hop { try measureSteadyState(hop: hop) }
      if !json {
        Console.writeOutput(
          "\ndelivery to clients of the socket, and affectd's own part of the latency; milliseconds\n")
        Console.writeOutput(Self.row("clients", ["p50", "p99", "max", "rest p99", "dropped"]))
      }
      for (readers, sleepers) in [(1, 0), (100, 0), (1000, 0), (1, 100)] {
        try measureDelivery(readers: readers, sleepers: sleepers)
      }
    }
  }

  /// One client, for some time.
  private func measureSteadyState(hop: Double) throws {
    let service = try ServiceUnderTest(service, hop: hop)
    let client = try ControlClient(path: service.socket)
    // Windows and caches are full, and every size of memory has been asked for once.
    try service.waitForTicks(Int((5 / hop).rounded(.up)), client)
    let before = try service.usage()
    let ticks = Int((seconds / hop).rounded())
    let progress = WorkProgress("ticks at \(hop) s", total: ticks, progress)
    try service.waitForTicks(ticks, client, progress: progress)
    progress.clear()
    let after = try service.usage()
    let stats = try client.call("get_stats")
    try service.end()

    let share = (after.processorTime - before.processorTime) / (after.time - before.time)
    let wakeUps = Double(after.wakeUps - before.wakeUps) / (after.time - before.time)
    if json {
      var line = JSONLine()
      line.add("type", "steady")
      line.add("processor", Machine.processorName)
      line.add("instructions", instructions ?? Kernels.standard.name)
      line.add("ticks", ticks)
      line.add("hop", hop)
      for name in Self.histograms {
        var entry = JSONLine()
        for key in ["p50", "p99", "max"] { entry.add(key, stats["latency"]?[name]?[key]?.number ?? .nan) }
        line.add(name, entry)
      }
      line.add("processor_share", share)
      line.add("wake_ups", wakeUps)
      line.add("resident_bytes_before", before.residentBytes)
      line.add("resident_bytes_after", after.residentBytes)
      Console.writeOutput(line.object + "\n")
      return
    }
    let latency = { (name: String, key: String) in Self.milliseconds(stats["latency"]?[name]?[key]?.number) }
    let cells =
      ["\((share * 100).fixed(1)) %", wakeUps.fixed(0)] + ["p50", "p99", "max"].map { latency("audio_to_packet", $0) }
      + ["p50", "p99"].map { latency("network", $0) }
      + [before, after].map { (Double($0.residentBytes) / 1_048_576).fixed(1) }
    Console.writeOutput(Self.row((1 / hop).fixed(1), cells, 8, 11))
  }

  /// `readers` clients that read, and `sleepers` that never do.
  private func measureDelivery(readers: Int, sleepers: Int) throws {
    let receiver = try DeliveryProbe.PacketSocket()
    let service = try ServiceUnderTest(service, hop: hop.min() ?? Hop.standard.seconds, packetsTo: receiver.port)
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

  private static func row(_ name: String, _ cells: [String], _ nameWidth: Int = 28, _ width: Int = 10) -> String {
    let padded = cells.map { String(repeating: " ", count: max(0, width - $0.count)) + $0 }
    return name + String(repeating: " ", count: max(0, nameWidth - name.count)) + padded.joined() + "\n"
  }

  private static func milliseconds(_ seconds: Double?) -> String {
    seconds.map { ($0 * 1000).fixed(2) } ?? "-"
  }
}
