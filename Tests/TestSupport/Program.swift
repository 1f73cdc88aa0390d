public import Foundation

/// Runs the real programs of this package, and others.
public enum Program {
  /// The directory with the built programs: where the running test lies.
  public static var directory: String {
    let test = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: test).deletingLastPathComponent().path
  }

  public struct Result {
    public let status: Int32
    public let output: String
    public let errors: String

    public var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// Runs `name` (a program of this package, or an absolute path) to its end.
  ///
  /// - Parameter environment: added to that of the test; a nil takes a variable away.
  public static func run(
    _ name: String, _ arguments: [String], environment: [String: String?] = [:], input: Data = Data()
  ) throws -> Result {
    let process = try prepare(name, arguments, environment)
    let directory = try TemporaryDirectory()
    // Files, because a full pipe would stop the program.
    let (output, errors) = (directory.file("output"), directory.file("errors"))
    for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: directory.write(input, to: "input")))
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: URL(filePath: errors)), as: UTF8.self))
  }

  static func prepare(
    _ name: String, _ arguments: [String], _ environment: [String: String?]
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: name.hasPrefix("/") ? name : "\(directory)/\(name)")
    process.arguments = arguments
    // The user's own configuration must not decide a test.
    var variables = ProcessInfo.processInfo.environment
    variables["XDG_CONFIG_HOME"] = "/nonexistent"
    for (key, value) in environment { variables[key] = value }
    process.environment = variables
    return process
  }
}
