import CommandLineSupport
import Glibc
import Logging
import Platform
import Tracking

/// Keeps a calibration from one start to the next, in the ``StateDirectory``.
struct CalibrationStore: Sendable {
  /// Nil if there is no place for it.
  let path: String?

  init() {
    path = StateDirectory.path.map { "\($0)/calibration.json" }
  }

  /// What was found for `input`; nil if there is nothing.
  ///
  /// - Throws: ``Failure`` if the file is there but cannot be understood.
  private func calibration(of input: String) throws(Failure) -> Calibration? {
    guard let path, access(path, F_OK) == 0 else { return nil }
    let found = try CalibrationFile.read(path)
    return found.input == input ? found.calibration : nil
  }

  /// What is in effect: that of the command line, or of an earlier calibration of `input`; the gain of the configuration
  /// wins over both. A calibration that cannot be read does not keep affectd from listening.
  func effective(_ configuration: Configuration, input: String, _ logger: Logger) -> Calibration {
    var found = configuration.pipeline.calibration
    do throws(Failure) {
      if found == nil { found = try calibration(of: input) }
    } catch {
      logger.warning("\(error.description); the gain is 0 dB")
    }
    return Calibration(
      gain: configuration.gain ?? found?.gain ?? 0, filter: found?.filter, loudness: found?.loudness)
  }

  /// Keeps `calibration` of `input`. A power failure leaves the old one or the new one.
  ///
  /// - Throws: ``Failure`` if it cannot be written.
  func save(_ calibration: Calibration, input: String) throws(Failure) {
    guard let path else {
      throw Failure(.cannotCreate, "there is no place to keep the calibration: HOME and XDG_STATE_HOME are not set")
    }
    StateDirectory.make()
    do throws(FileError) {
      try CalibrationFile.write(calibration, input: input, to: path, survivesPowerFailure: true)
    } catch {
      throw Failure(.cannotCreate, "\(path): the calibration cannot be kept: \(error)")
    }
  }
}
