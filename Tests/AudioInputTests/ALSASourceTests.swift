import AudioInput
import Foundation
import Platform
import TestSupport
import Testing

/// Capture through the real ALSA library from the test card, in this process. One after another: ALSA's configuration
/// belongs to the process.
@Suite(.serialized) struct ALSASourceTests {
  /// The card, with a PCM for each format and channel count.
  private static let card = Result {
    let card = try TestCard()
    for (format, bytesPerSample) in formats {
      for channels in channelCounts {
        // All bytes differ, so that a wrong order shows.
        let bytes = (0..<4800 * channels * bytesPerSample).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 8) }
        try card.add(
          "\(format)_\(channels)", playing: format == "FLOAT_LE" ? floats(4800 * channels) : bytes, format: format,
          channels: channels, rate: 44_100)
      }
    }
    for (name, value) in card.environment { setenv(name, value, 1) }
    return card
  }

  private static let formats = [("S16_LE", 2), ("S24_3LE", 3), ("S24_LE", 4), ("S32_LE", 4), ("FLOAT_LE", 4)]
  private static let channelCounts = [1, 2, 6]

  private static func floats(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { index in
      withUnsafeBytes(of: (Float(index % 2000) / 1000 - 1).bitPattern.littleEndian) { Array($0) }
    }
  }

  /// The first `frames` frames that `source` gives.
  private func read(_ source: ALSASource, frames: Int) throws -> [Float] {
    var block = [Float](repeating: 0, count: 441 * source.format.channelCount)
    var samples: [Float] = []
    while samples.count < frames * source.format.channelCount {
      if case .frames(let count) = try source.read(into: &block) {
        samples += block[..<(count * source.format.channelCount)]
      }
    }
    return Array(samples.prefix(frames * source.format.channelCount))
  }

  /// The samples in raw bytes, by the same decoder that standard input goes through, whose scale has its own test.
  private func decoded(_ path: String, _ format: String, channels: Int, frames: Int) throws -> [Float] {
    let names: [String: SampleFormat] = [
      "S16_LE": .s16le, "S24_3LE": .s24le, "S24_LE": .s24in32le, "S32_LE": .s32le, "FLOAT_LE": .f32le,
    ]
    let file = try #require(FileHandle(forReadingAtPath: path))
    let source = RawPCMSource(
      descriptor: file.fileDescriptor, format: AudioFormat(sampleRate: 44_100, channelCount: channels),
      sampleFormat: try #require(names[format]))
    var block = [Float](repeating: 0, count: frames * channels)
    _ = try source.read(into: &block)
    return block
  }

  @Test func everyFormatAndChannelCountIsCapturedAsItIs() throws {
    let card = try Self.card.get()
    for (format, _) in Self.formats {
      for channels in Self.channelCounts {
        let source = try ALSASource(name: "\(format)_\(channels)", leastChannelCount: 1)
        #expect(source.format == AudioFormat(sampleRate: 44_100, channelCount: channels))
        let samples = try read(source, frames: 1000)
        let raw = card.directory.file("\(format)_\(channels).raw")
        #expect(try samples == decoded(raw, format, channels: channels, frames: 1000), "\(format), \(channels)")
      }
    }
  }

  @Test func anOverrunIsCountedAndGoneOnFrom() throws {
    let card = try Self.card.get()
    let source = try ALSASource(name: "S16_LE_2", leastChannelCount: 1)
    _ = try read(source, frames: 100)
    try card.control("xrun \(getpid())")
    defer { try? card.control("run") }
    var block = [Float](repeating: 0, count: 882)
    while source.overrunCount == 0 { _ = try source.read(into: &block) }
    #expect(try read(source, frames: 1000).count == 2000)
    #expect(source.overrunCount == 1)
  }

  @Test func aDeviceThatGoesAwayIsNamed() throws {
    let card = try Self.card.get()
    let source = try ALSASource(name: "S16_LE_2", leastChannelCount: 1)
    _ = try read(source, frames: 100)
    try card.control("gone")
    defer { try? card.control("run") }
    var block = [Float](repeating: 0, count: 882)
    var failure: Failure?
    while failure == nil {
      do {
        _ = try source.read(into: &block)
      } catch {
        failure = error
      }
    }
    #expect(failure?.code == .deviceLost)
    #expect(failure?.description.contains("alsa:S16_LE_2") == true)
    #expect(throws: Failure.self) { try ALSASource(name: "S16_LE_2", leastChannelCount: 1) }
  }

  @Test func aStalledDeviceDoesNotBlockItsReader() throws {
    let card = try Self.card.get()
    let source = try ALSASource(name: "S16_LE_2", leastChannelCount: 1)
    _ = try read(source, frames: 100)
    try card.control("stall")
    var block = [Float](repeating: 0, count: 882)
    while try source.read(into: &block) != .nothing {}
    try card.control("run")
    #expect(try read(source, frames: 1000).count == 2000)
  }

  @Test func aChannelThatTheDeviceDoesNotHaveIsRefused() throws {
    _ = try Self.card.get()
    #expect(throws: Failure.self) { try ALSASource(name: "S16_LE_2", leastChannelCount: 3) }
    #expect(throws: Failure.self) { try ALSASource(name: "no_such_card", leastChannelCount: 1) }
  }

  @Test func configuredDevicesAreListedByTheNameThatAnInputTakes() throws {
    _ = try Self.card.get()
    let device = CaptureDevice.all().first { $0.input == "alsa:S24_LE_6" }
    #expect(device?.description == "Test card")
  }
}
