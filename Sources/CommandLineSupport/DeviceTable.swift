public import AudioInput

/// The list of capture devices as text, a line each.
public enum DeviceTable {
  public static func text(_ devices: [CaptureDevice]) -> String {
    guard !devices.isEmpty else { return "ALSA lists no capture device." }
    let width = devices.map(\.input.count).max() ?? 0
    return
      devices
      .map { "\($0.input)\(String(repeating: " ", count: width - $0.input.count))  \($0.description)" }
      .joined(separator: "\n")
  }
}
