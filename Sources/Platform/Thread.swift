internal import Glibc

/// A box that carries a thread's name and body to it.
private final class ThreadBody {
  let name: String
  let run: () -> Void

  init(name: String, run: @escaping () -> Void) {
    self.name = name
    self.run = run
  }

  func start() {
    // glibc's pthread_setname_np does the same, but Swift does not see it.
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    if descriptor >= 0 {
      _ = write(descriptor, name, name.utf8.count)
      close(descriptor)
    }
    run()
  }
}

/// Starts a thread of the operating system, detached, that runs `body` and ends. Its `name`, at most 15 characters, is
/// what `top -H` shows.
package func startThread(name: String, _ body: sending @escaping () -> Void) {
  let box = Unmanaged.passRetained(ThreadBody(name: name, run: body))
  var thread = pthread_t()
  let result = pthread_create(
    &thread, nil,
    { pointer in
      Unmanaged<ThreadBody>.fromOpaque(pointer!).takeRetainedValue().start()  // the box above
      return nil
    }, box.toOpaque())
  guard result == 0 else {
    fatalError("no thread can be started: \(String(cString: strerror(result)))")  // no part of the daemon works then
  }
  pthread_detach(thread)
}

/// How a thread is scheduled beside other programs (sched(7)).
public enum ThreadPriority: String, CaseIterable, Sendable {
  /// As any program is (SCHED_OTHER).
  case normal
  /// Before every ordinary program (SCHED_FIFO).
  case realtime
}

/// Priorities of the threads that run with real-time scheduling: above ordinary programs, below the sound servers' own
/// threads.
package enum RealTimePriority: Int32 {
  case inference = 5
  case capture = 10
}

/// Asks for real-time scheduling of the calling thread (SCHED_FIFO). Returns whether it was granted.
package func requestRealTime(_ priority: RealTimePriority) -> Bool {
  var parameters = sched_param(sched_priority: priority.rawValue)
  return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
}

/// Keeps memory from being moved out to disk (mlock(2)), so that reading it never waits. Returns whether the system
/// granted it.
package func lockInMemory(_ start: UnsafeRawPointer, byteCount: Int) -> Bool {
  mlock(start, byteCount) == 0
}

/// Keeps the calling thread's stack in memory, as far down as `depth` bytes from here. Returns whether the system granted
/// it.
package func lockStackInMemory(depth: Int = 65_536) -> Bool {
  // The stack grows downwards, and a thread has megabytes of it.
  var here: UInt8 = 0
  return withUnsafeMutablePointer(to: &here) { lockInMemory(UnsafeRawPointer($0) - depth, byteCount: depth) }
}

/// The machine that the program runs on.
public enum Machine {
  /// Processor cores that are there to work on.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// As the system has it (`/proc/cpuinfo`); not every architecture has a name there.
  public static var processorName: String {
    guard let file = fopen("/proc/cpuinfo", "re") else { return "unknown processor" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let text = String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? "unknown processor"
  }
}
