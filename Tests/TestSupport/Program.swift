internal import Foundation

/// Runs the real programs of this package, and others.
public enum Program {
  /// The directory with the built programs: where the running test lies.
  public static var directory: String {
    let test = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: test).deletingLastPathComponent().path
  }

  public struct Result {
    /// The exit code, or minus the signal.
    public let status: Int32
    public let output: String
    public let errors: String

    public var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// Runs `name` to its end.
  public static func run(
    _ name: String, _ arguments: [String], environment: [String: String?] = [:]
  ) throws -> Result {
    let directory = try TemporaryDirectory()
    // Files, because a full pipe would stop the program.
    let (output, errors) = (directory.file("output"), directory.file("errors"))
    let descriptors = [output, errors].map { (path: String) in open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
    defer { for descriptor in descriptors { close(descriptor) } }
    let process = try start(
      name, arguments, environment: environment, output: descriptors[0], errors: descriptors[1])
    return Result(
      status: process.wait(),
      output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }

  /// Starts `name`, a program of this package or an absolute path. What is not redirected goes nowhere.
  ///
  /// - Parameter environment: added to that of the test; a nil takes a variable away.
  public static func start(
    _ name: String, _ arguments: [String], environment: [String: String?] = [:],
    input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil, hasTerminal: Bool = true
  ) throws -> ChildProcess {
    let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(nowhere) }
    // The user's own configuration must not decide a test.
    var variables = ProcessInfo.processInfo.environment
    variables["XDG_CONFIG_HOME"] = "/proc/nonexistent"
    variables["XDG_STATE_HOME"] = "/proc/nonexistent"
    for (key, value) in environment { variables[key] = value }
    return try ChildProcess(
      name.hasPrefix("/") ? name : "\(directory)/\(name)", arguments, environment: variables,
      input: input ?? nowhere, output: output ?? nowhere, errors: errors ?? nowhere, hasTerminal: hasTerminal)
  }
}
