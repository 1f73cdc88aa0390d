import Affect
import CommandLineSupport
import Glibc
import Platform
import Publishing

/// An affectd that a benchmark has started: the one that lies beside this program.
final class ServiceUnderTest {
  let socket: String
  private let directory: String
  private var process = pid_t()

  /// What a process has used.
  struct Usage {
    /// Of the monotonic clock, seconds.
    let time: Double
    /// Seconds on all cores.
    let processorTime: Double
    let residentBytes: Int
    /// How often its threads have slept.
    let wakeUps: Int
  }

  /// What is measured.
  struct Settings {
    let input: String
    /// Nil for the one that comes with affectd.
    let model: String?
    /// The instruction set of the networks; nil for the best that there is.
    let instructions: String?
    let priority: ThreadPriority
  }

  /// Starts affectd and waits until it listens.
  ///
  /// - Parameter packetsTo: port of this machine that gets an OSC packet for each tick.
  /// - Throws: ``Failure`` if it does not start.
  init(_ settings: Settings, hop: Double, packetsTo port: Int? = nil) throws {
    var template = Array("/tmp/affectctl-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(.cannotCreate, "/tmp: no directory can be made: \(String(cString: strerror(errno)))")
    }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    socket = directory + "/affectd.sock"
    let osc = port.map {
      "[osc.bench]\nhost = \"127.0.0.1\"\nport = \($0)\nvalues = [\"level\"]\ntime_tag = \"audio\"\n"
    }
    let file = directory + "/affectd.toml"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let priority = "[tracking]\npriority = \"\(settings.priority.rawValue)\"\n"
    _ = Console.write(Array((priority + (osc ?? "[osc]\nenabled = false\n")).utf8)[...], to: descriptor)
    close(descriptor)
    let model = settings.model.map { ["--model", $0] } ?? []
    if let instructions = settings.instructions { setenv("AFFECTD_KERNELS", instructions, 1) }
    try start(["--config", file, "--socket", socket, "--input", settings.input, "--hop", "\(hop)"] + model)
    let deadline = SystemClock().now + 30
    while access(socket, F_OK) != 0 {
      var status: Int32 = 0
      guard waitpid(process, &status, WNOHANG) == 0, SystemClock().now < deadline else {
        throw Failure(.unavailable, "affectd does not start: try affectd --input \(settings.input)")
      }
      usleep(10_000)
    }
  }

  deinit {
    if process > 0 { _ = finish(SIGKILL) }
    for name in ["affectd.sock", "affectd.toml"] { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  /// Waits until so many more ticks have come with values.
  func waitForTicks(_ count: Int, _ client: ControlClient, progress: WorkProgress? = nil) throws {
    var left = count
    while left > 0 {
      guard let line = try client.nextLine() else { throw Failure(.unavailable, "affectd ended during the run") }
      if JSONValue(line)?["valence"] != nil {
        left -= 1
        progress?.advance()
      }
    }
  }

  /// From `/proc` (proc(5)).
  func usage() throws -> Usage {
    // After the name, which may contain anything, the fields begin with the third.
    let text = try Self.read("/proc/\(process)/stat")
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard fields.count > 22, let user = Double(fields[12]), let system = Double(fields[13]),
      let pages = Int(fields[22])
    else { throw Failure(.software, "/proc/\(process)/stat is not as expected") }
    return Usage(
      time: SystemClock().now, processorTime: (user + system) / Double(sysconf(Int32(_SC_CLK_TCK))),
      residentBytes: pages * sysconf(Int32(_SC_PAGESIZE)), wakeUps: try wakeUps())
  }

  /// The voluntary switches of all threads: each is a sleep.
  private func wakeUps() throws -> Int {
    guard let tasks = opendir("/proc/\(process)/task") else {
      throw Failure(.software, "/proc/\(process)/task: cannot be read")
    }
    defer { closedir(tasks) }
    var total = 0
    while let entry = readdir(tasks) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard Int(name) != nil, let text = try? Self.read("/proc/\(process)/task/\(name)/status") else { continue }
      let line = text.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
      total += line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0
    }
    return total
  }

  /// Ends affectd.
  func end() throws {
    guard finish(SIGTERM) == 0 else { throw Failure(.software, "affectd did not end in order") }
  }

  private func start(_ arguments: [String]) throws {
    var name = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &name, name.count - 1)
    let own = String(decoding: name.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/affectd"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var pointers = ([String(path)] + arguments).map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    let result = posix_spawn(&process, String(path), &actions, nil, &pointers, environ)
    guard result == 0 else {
      throw Failure(.unavailable, "\(path): cannot be started: \(String(cString: strerror(result)))")
    }
  }

  /// The exit code, or minus the signal.
  private func finish(_ signal: Int32) -> Int32 {
    kill(process, signal)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    process = 0
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
  }

  private static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "re") else { throw Failure(.software, "\(path): cannot be read") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
  }
}
