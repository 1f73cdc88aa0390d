internal import Affect

/// WLED's "UDP realtime" (kno.wled.ge/interfaces/udp-realtime): DRGB for short strips, DNRGB in several packets for long
/// ones. The lamp scales the colours by its own brightness.
struct WLEDRealtime: LampProtocol {
  let destination: WLEDDestination

  /// Protocols.
  private static let drgb: UInt8 = 2
  private static let dnrgb: UInt8 = 4
  /// LEDs in a packet of each.
  private static let drgbLimit = 490
  private static let dnrgbLimit = 489
  /// Seconds after the last packet until the lamp goes on by itself: three signs of life.
  private static let timeout: UInt8 = 3

  /// The colour of every LED.
  func frame(_ values: UnitValues, _ palette: MoodPalette) -> [UInt8] {
    let color = destination.color(values, palette)
    return [color.red, color.green, color.blue].map { UInt8(Int($0) * Int(color.brightness) / 255) }
  }

  func packets(_ frame: [UInt8]) -> [[UInt8]] {
    func leds(_ count: Int) -> [UInt8] { Array(repeatElement(frame, count: count).joined()) }
    guard destination.leds > Self.drgbLimit else { return [[Self.drgb, Self.timeout] + leds(destination.leds)] }
    return stride(from: 0, to: destination.leds, by: Self.dnrgbLimit).map { start in
      var packet = [Self.dnrgb, Self.timeout]
      packet.append(bigEndian: UInt16(start))
      return packet + leds(min(Self.dnrgbLimit, destination.leds - start))
    }
  }

  /// The lamp notices by itself.
  func lastPackets(_ frame: [UInt8]) -> [[UInt8]] { packets(frame) }
}
