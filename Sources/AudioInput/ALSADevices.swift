internal import CALSA

/// A capture device as ALSA lists it.
public struct CaptureDevice: Sendable, Encodable {
  /// As an input is written: `alsa:NAME`.
  public let input: String
  /// What ALSA says of it, on one line.
  public let description: String

  /// ALSA's own converters stand in its list like devices, but nothing can be captured from them alone.
  private static let converters: Set = [
    "null", "lavrate", "samplerate", "speexrate", "speex", "upmix", "vdownmix",
  ]

  /// All capture devices that ALSA names, hardware and configured ones.
  public static func all() -> [CaptureDevice] {
    affectd_alsa_silence_messages()
    var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return [] }
    defer { snd_device_name_free_hint(hints) }

    var devices: [CaptureDevice] = []
    var next = hints
    while let hint = next.pointee {
      // A device without a direction does both.
      let direction = value("IOID", of: hint) ?? "Input"
      if let name = value("NAME", of: hint), !converters.contains(name), direction == "Input" {
        let lines = value("DESC", of: hint)?.split(separator: "\n").joined(separator: ", ")
        devices.append(CaptureDevice(input: "alsa:\(name)", description: lines ?? ""))
      }
      next += 1
    }
    return devices
  }

  private static func value(_ key: String, of hint: UnsafeMutableRawPointer) -> String? {
    guard let text = snd_device_name_get_hint(hint, key) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }
}
