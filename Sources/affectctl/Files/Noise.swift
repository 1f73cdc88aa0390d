import ArgumentParser
import CommandLineSupport
import Platform
import SignalProcessing

struct Noise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes pink noise to play in a venue while affectctl calibrate --noise listens.",
    discussion: "The file is a WAV of one channel, 48 kHz and 16 bit, as loud as the music that models are trained on.")

  @Argument(help: ArgumentHelp("The WAV file to write.", valueName: "file"), completion: .file())
  var file: String

  @Option(help: ArgumentHelp("How long it is, 5 to 600 s.", valueName: "seconds"))
  var seconds = 60.0

  func validate() throws {
    guard (5...600).contains(seconds) else { throw ValidationError("--seconds: expected a number from 5 to 600") }
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let count = Int(seconds * Double(PinkNoise.rate))
      var noise = PinkNoise()
      var bytes = Self.header(sampleCount: count)
      bytes.reserveCapacity(bytes.count + 2 * count)
      for _ in 0..<count {
        let sample = Int16((min(max(noise.next(), -1), 1) * 32_767).rounded())
        Self.append(UInt16(bitPattern: sample), to: &bytes)
      }
      do throws(FileError) { try WholeFile.write(bytes, to: file) } catch {
        throw Failure(.cannotCreate, file, "cannot be written: \(error)")
      }
    }
  }

  /// The 44 bytes before the samples of a file in the format PCM ("Multimedia programming interface and data
  /// specifications 1.0", IBM and Microsoft, 1991).
  private static func header(sampleCount: Int) -> [UInt8] {
    var bytes = Array("RIFF".utf8)
    append(UInt32(36 + 2 * sampleCount), to: &bytes)
    bytes += Array("WAVEfmt ".utf8)
    append(UInt32(16), to: &bytes)
    append(UInt16(1), to: &bytes)
    append(UInt16(1), to: &bytes)
    append(UInt32(PinkNoise.rate), to: &bytes)
    append(UInt32(2 * PinkNoise.rate), to: &bytes)
    append(UInt16(2), to: &bytes)
    append(UInt16(16), to: &bytes)
    bytes += Array("data".utf8)
    append(UInt32(2 * sampleCount), to: &bytes)
    return bytes
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += Array($0) }
  }
}
