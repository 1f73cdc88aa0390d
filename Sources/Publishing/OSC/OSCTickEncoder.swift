package import Affect

/// Makes the packets that a destination gets for a tick.
package struct OSCTickEncoder: Sendable {
  let destination: OSCDestination
  /// The addresses of the values, in their order.
  private let addresses: [(value: OSCValue, address: String)]
  /// Whether the mood's colour is among them.
  private let wantsColor: Bool
  private var fader: LossFader
  private var rate: TickRate

  /// ETC Eos and others take no more (bytes).
  package static let packetLimit = 512
  /// `#bundle` and the time tag (bytes).
  private static let bundleHeaderSize = 16

  /// - Parameter inputIsMissing: whether the device is lost at the moment.
  package init(_ destination: OSCDestination, inputIsMissing: Bool = false) {
    self.init(destination, LossFader(destination.onLoss, inputIsMissing: inputIsMissing))
  }

  /// For a receiver that `old` has led until now.
  package init(_ destination: OSCDestination, replacing old: OSCTickEncoder) {
    self.init(destination, LossFader(destination.onLoss, replacing: old.fader))
  }

  private init(_ destination: OSCDestination, _ fader: LossFader) {
    self.destination = destination
    addresses = destination.values.map { ($0, destination.address(of: $0)) }
    wantsColor = destination.values.contains { !OSCValue.standard.contains($0) }
    self.fader = fader
    rate = TickRate(destination.rate)
  }

  /// The packets for `estimate`; none if the destination wants fewer ticks.
  ///
  /// - Parameters:
  ///   - unixTime: wall-clock time of the tick, seconds since 1970.
  ///   - palette: of the mood's colour.
  package mutating func packets(
    _ estimate: AffectEstimate, unixTime: Double, palette: MoodPalette = .standard
  ) -> [[UInt8]] {
    // The fader sees every tick, also those that are not sent.
    let affect = fader.apply(estimate)
    guard rate.isDue(estimate) else { return [] }
    let color = wantsColor ? affect.map(palette.color) : nil
    let messages = addresses.compactMap { value, address in
      argument(value, estimate, affect, color).map { OSCMessage(address, $0) }
    }
    guard destination.bundle else { return messages.map { $0.encoded() } }
    let timeTag = destination.timeTag == .audio ? OSCTimeTag(unixTime: unixTime) : .immediately
    return Self.bundles(messages, timeTag)
  }

  private func argument(
    _ value: OSCValue, _ estimate: AffectEstimate, _ affect: Affect?, _ color: MoodColor?
  ) -> OSCArgument? {
    switch value {
    case .valence: affect.map { .float(inRange($0.valence)) }
    case .arousal: affect.map { .float(inRange($0.arousal)) }
    case .unitValence: affect.map { .float(Affect.unit($0.valence)) }
    case .unitArousal: affect.map { .float(Affect.unit($0.arousal)) }
    case .rawValence: (estimate.values?.raw).map { .float(inRange($0.valence)) }
    case .rawArousal: (estimate.values?.raw).map { .float(inRange($0.arousal)) }
    case .valenceTrend: (estimate.values?.trend).map { .float($0.valence) }
    case .arousalTrend: (estimate.values?.trend).map { .float($0.arousal) }
    case .quadrant: (estimate.values?.quadrant).map { .int(Int32($0.rawValue)) }
    case .confidence: (estimate.values?.confidence).map { .float($0) }
    case .level: .float(estimate.level)
    case .active: .int(estimate.state == .tracking ? 1 : 0)
    case .state: .string(estimate.state.rawValue)
    case .colorRed: color.map { .float($0.red) }
    case .colorGreen: color.map { .float($0.green) }
    case .colorBlue: color.map { .float($0.blue) }
    case .colorHue: color.map { .float($0.hue) }
    case .colorSaturation: color.map { .float($0.saturation) }
    }
  }

  /// In double precision: the ends are met exactly, and the range of -1 to 1 changes nothing.
  private func inRange(_ value: Float) -> Float {
    let share = (Double(value) + 1) / 2
    return Float(Double(destination.range[0]) * (1 - share) + Double(destination.range[1]) * share)
  }

  /// As few bundles as the packet limit allows.
  private static func bundles(_ messages: [OSCMessage], _ timeTag: OSCTimeTag) -> [[UInt8]] {
    var packets: [[UInt8]] = []
    var pending: [OSCMessage] = []
    var size = bundleHeaderSize
    for message in messages {
      // In a bundle a message comes after its length, which takes four bytes.
      let length = 4 + message.encoded().count
      if size + length > packetLimit && !pending.isEmpty {
        packets.append(OSCBundle(timeTag: timeTag, pending).encoded())
        pending = []
        size = bundleHeaderSize
      }
      pending.append(message)
      size += length
    }
    if !pending.isEmpty { packets.append(OSCBundle(timeTag: timeTag, pending).encoded()) }
    return packets
  }
}
