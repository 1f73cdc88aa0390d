internal import Glibc
public import Platform
public import Publishing
internal import SignalProcessing
public import Tracking

/// A calibration as a file: one JSON object with `gain` (dB), `filter` (dB for each third of an octave from 50 Hz to 16
/// kHz, or null), `loudness` (LUFS, or null) and, if it belongs to one, `input`.
public enum CalibrationFile {
  private static let sizeLimit = 4096

  /// - Returns: the calibration, and the input that it belongs to if it names one.
  /// - Throws: ``Failure`` if the file cannot be read or is no calibration.
  public static func read(_ path: String) throws(Failure) -> (calibration: Calibration, input: String?) {
    let bytes: [UInt8]
    do throws(FileError) {
      let file = try InputFile(path)
      bytes = try file.read(at: 0, count: min(file.size, sizeLimit + 1))
    } catch {
      throw Failure(.noInput, path, "cannot be read: \(error)")
    }
    guard bytes.count <= sizeLimit, let value = JSONValue(bytes), let gain = value["gain"]?.number,
      Calibration.gains.contains(gain), let filter = filter(value["filter"])
    else {
      throw Failure(.invalidData, path, "is no calibration: make one with affectctl calibrate")
    }
    return (
      Calibration(gain: gain, filter: filter.value, loudness: value["loudness"]?.number), value["input"]?.string
    )
  }

  /// The filter in `value`, which may be absent; nil if it is wrong.
  private static func filter(_ value: JSONValue?) -> (value: VenueFilter?, Void)? {
    switch value {
    case nil, .null: return (nil, ())
    case .array(let values):
      let decibels = values.compactMap(\.number)
      guard decibels.count == values.count, decibels.count == ThirdOctaves.centres.count,
        decibels.allSatisfy({ abs($0) <= VenueFilter.limit })
      else { return nil }
      return (VenueFilter(decibels: decibels), ())
    default: return nil
    }
  }

  /// - Throws: ``FileError`` if it cannot be written.
  public static func write(
    _ calibration: Calibration, input: String? = nil, to path: String, survivesPowerFailure: Bool = false
  ) throws(FileError) {
    let file = try WholeFile(path)
    try file.write(Array((line(calibration, input: input).object + "\n").utf8))
    try file.finish(survivesPowerFailure: survivesPowerFailure)
  }

  /// As it stands in the file.
  public static func line(_ calibration: Calibration, input: String? = nil) -> JSONLine {
    var line = JSONLine()
    if let input { line.add("input", input) }
    line.add("gain", rounded(calibration.gain))
    if let loudness = calibration.loudness { line.add("loudness", rounded(loudness)) } else { line.addNull("loudness") }
    if let filter = calibration.filter {
      line.add("filter", filter.decibels.map { rounded($0) })
    } else {
      line.addNull("filter")
    }
    return line
  }

  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
