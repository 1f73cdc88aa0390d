import AudioInput
import Foundation
import TestSupport
import Testing

@Suite struct RawPCMTests {
  /// What a source reads from `bytes`, in blocks of `frames`.
  private func read(
    _ bytes: [UInt8], _ format: SampleFormat, channels: Int = 1, frames: Int = 7
  ) throws -> (samples: [Float], warnings: [String]) {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
    try pipe.fileHandleForWriting.close()
    let source = RawPCMSource(
      descriptor: pipe.fileHandleForReading.fileDescriptor,
      format: AudioFormat(sampleRate: 8_000, channelCount: channels), sampleFormat: format)
    var block = [Float](repeating: .nan, count: frames * channels)
    var samples: [Float] = []
    while true {
      switch try source.read(into: &block) {
      case .frames(let count): samples += block[..<(count * channels)]
      case .nothing: continue
      case .end:
        #expect(try source.read(into: &block) == .end)
        return (samples, source.warnings)
      }
    }
  }

  @Test func everyFormatHasItsScale() throws {
    #expect(try read([0x00, 0x80, 0xFF, 0x7F, 0, 0, 0, 0x40], .s16le).samples == [-1, 1 - 0x1p-15, 0, 0.5])
    #expect(
      try read([0, 0, 0x80, 0xFF, 0xFF, 0x7F, 0, 0, 0xC0], .s24le).samples == [-1, Float(1 - 0x1p-23), -0.5])
    #expect(try read([0, 0, 0x80, 0xFF, 0, 0, 0x40, 0x00], .s24in32le).samples == [-1, 0.5])
    // The upper byte of four is no part of the sample.
    #expect(try read([0, 0, 0x40, 0xAB], .s24in32le).samples == [0.5])
    #expect(try read([0, 0, 0, 0x80, 0, 0, 0, 0x40], .s32le).samples == [-1, 0.5])
    #expect(try read([0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF], .f32le).samples == [1, -0.5])
  }

  @Test func framesAreKeptWholeHoweverTheyAreCut() throws {
    let samples = (0..<1000).map { Int16($0) }
    let bytes = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    #expect(try read(bytes, .s16le, channels: 2, frames: 3).samples == samples.map { Float($0) / 32768 })
  }

  @Test func anEndWithinAFrameIsReported() throws {
    let (samples, warnings) = try read([0, 0x40, 0, 0x40, 1], .s16le, channels: 2)
    #expect(samples == [0.5, 0.5])
    #expect(warnings.count == 1)
  }

  @Test func aWriterThatPausesWithinAFrameIsWaitedFor() throws {
    let pipe = Pipe()
    let source = RawPCMSource(
      descriptor: pipe.fileHandleForReading.fileDescriptor,
      format: AudioFormat(sampleRate: 8_000, channelCount: 1), sampleFormat: .s16le)
    var block = [Float](repeating: 0, count: 4)
    #expect(try source.read(into: &block) == .nothing)
    try pipe.fileHandleForWriting.write(contentsOf: Data([0]))
    #expect(try source.read(into: &block) == .nothing)
    try pipe.fileHandleForWriting.write(contentsOf: Data([0x40]))
    #expect(try source.read(into: &block) == .frames(1))
    #expect(block[0] == 0.5)
  }
}
