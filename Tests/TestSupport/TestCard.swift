internal import Foundation

/// A sound card for tests: the ALSA plugin of `Tests/ALSAPlugin`, which plays a raw file in real time.
public final class TestCard: Sendable {
  public let directory: TemporaryDirectory
  /// The environment in which ALSA knows the card as `testcard`.
  public var environment: [String: String] { ["ALSA_CONFIG_PATH": directory.file("asound.conf")] }

  private let plugin: String

  public struct NotBuilt: Error, CustomStringConvertible {
    public let description = "the ALSA plugin for tests is not built: run `make test`"
  }

  public init() throws {
    directory = try TemporaryDirectory()
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    plugin = "\(root)/.build/alsa-plugin/libasound_module_pcm_affecttest.so"
    guard FileManager.default.fileExists(atPath: plugin) else { throw NotBuilt() }
    try "pcm_type.affecttest.lib \"\(plugin)\"\n".write(
      toFile: directory.file("asound.conf"), atomically: true, encoding: .utf8)
    try control("run")
  }

  /// Adds a PCM called `name` that plays `samples`, interleaved raw bytes in `format` (an ALSA name).
  public func add(
    _ name: String = "testcard", playing bytes: [UInt8], format: String, channels: Int, rate: Int, loops: Bool = true
  ) throws {
    let raw = try directory.write(Data(bytes), to: "\(name).raw")
    let text = """
      pcm.\(name) {
        type affecttest
        file "\(raw)"
        format \(format)
        channels \(channels)
        rate \(rate)
        loop \(loops ? 1 : 0)
        control "\(directory.file("control"))"
        hint { show on  description "Test card" }
      }

      """
    let configuration = directory.file("asound.conf")
    let before = try String(contentsOfFile: configuration, encoding: .utf8)
    try (before + text).write(toFile: configuration, atomically: true, encoding: .utf8)
  }

  /// Says what the card does from now on: `run`, `stall`, `gone`, `xrun N`.
  public func control(_ word: String) throws {
    try word.write(toFile: directory.file("control"), atomically: true, encoding: .utf8)
  }
}

extension [Float] {
  /// The samples as 16-bit little-endian integers.
  public var bytesS16: [UInt8] {
    flatMap { sample in
      let value = Int16((Swift.max(-1, Swift.min(1, sample)) * 32767).rounded())
      return [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }
  }
}
