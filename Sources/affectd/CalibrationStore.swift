import CommandLineSupport
import Glibc
import Logging
import Platform
import Publishing
import Tracking

/// Keeps the gain of a calibration from one start to the next, in the state directory: systemd's `STATE_DIRECTORY`, or
/// `affectd` in `$XDG_STATE_HOME` (usually ~/.local/state).
struct CalibrationStore: Sendable {
  /// Nil if there is no place for it.
  let path: String?

  private static let sizeLimit = 4096

  init() {
    path = Self.directory.map { "\($0)/calibration.json" }
  }

  /// The gain that was found for `input`, dB; nil if there is none.
  ///
  /// - Throws: ``Failure`` if the file is there but cannot be understood.
  func gain(for input: String) throws(Failure) -> Double? {
    guard let path, let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Self.sizeLimit)
    let count = fread(&bytes, 1, bytes.count, file)
    guard let value = JSONValue(Array(bytes[..<count])), let name = value["input"]?.string,
      let gain = value["gain"]?.number, Calibration.gains.contains(gain)
    else {
      throw Failure(
        .invalidData,
        "\(path): is no calibration, the gain is 0 dB: remove it, or calibrate again with affectctl calibrate")
    }
    return name == input ? gain : nil
  }

  /// The gain of the configuration, or of an earlier calibration of `input`, dB. A calibration that cannot be read does
  /// not keep affectd from listening.
  func effectiveGain(_ configuration: Configuration, input: String, _ logger: Logger) -> Double {
    if let gain = configuration.gain { return gain }
    do throws(Failure) {
      return try gain(for: input) ?? 0
    } catch {
      logger.warning("\(error.description)")
      return 0
    }
  }

  /// Keeps `calibration` of `input`. A power failure leaves the old one or the new one.
  ///
  /// - Throws: ``Failure`` if it cannot be written.
  func save(_ calibration: Calibration, input: String) throws(Failure) {
    guard let path else {
      throw Failure(.cannotCreate, "there is no place to keep the gain: HOME and XDG_STATE_HOME are not set")
    }
    var line = JSONLine()
    line.add("input", input)
    line.add("gain", calibration.gain)
    line.add("loudness", calibration.loudness)
    if let directory = Self.directory { Self.makeDirectories(directory) }
    do throws(FileError) {
      let file = try WholeFile(path)
      try file.write(Array((line.object + "\n").utf8))
      try file.finish(survivesPowerFailure: true)
    } catch {
      throw Failure(.cannotCreate, "\(path): the gain cannot be kept: \(error)")
    }
  }

  private static var directory: String? {
    if let directory = variable("STATE_DIRECTORY") { return directory }
    if let home = variable("XDG_STATE_HOME") { return "\(home)/affectd" }
    return variable("HOME").map { "\($0)/.local/state/affectd" }
  }

  private static func makeDirectories(_ path: String) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/\(part)"
      // One that is there already, or cannot be made, shows when the file is written.
      mkdir(made, 0o755)
    }
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
