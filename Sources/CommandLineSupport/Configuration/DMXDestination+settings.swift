internal import Publishing

/// The settings of a universe, the table `[dmx.NAME]`.
extension DMXDestination: ConfiguredDestination {
  static var section: String { "dmx" }
  static var list: WritableKeyPath<Configuration, [DMXDestination]> { \.dmx }

  static func unset(_ name: String) -> DMXDestination { DMXDestination(name: name, .sacn, universe: 1, channels: [:]) }

  static let settings: [Setting<DMXDestination>] = [
    Setting("protocol") { value, destination throws(SettingProblem) in
      let choice = try value.choice(
        "one of \(NetworkProtocol.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))"
      ) { NetworkProtocol(rawValue: $0) }
      destination = DMXDestination(name: destination.name, choice, universe: 1, channels: [:])
    } show: {
      .text($0.networkProtocol.rawValue)
    },
    Setting("universe") { value, destination throws(SettingProblem) in
      destination.universe = try value.whole(in: destination.networkProtocol.universes)
    } show: {
      .whole($0.universe)
    },
    Setting("channels") { value, destination throws(SettingProblem) in
      destination.channels = try value.dmxChannels()
    } show: {
      .table(Dictionary(uniqueKeysWithValues: $0.channels.map { ("\($0)", .dmxChannel($1)) }))
    },
    Setting("host") { value, destination throws(SettingProblem) in
      destination.host = try value.host()
    } show: {
      $0.host.map { .text($0) }
    },
    Setting("interface") { value, destination throws(SettingProblem) in
      destination.interface = try value.choice(
        "the IPv4 address of one of this machine's interfaces, such as \"192.168.1.20\""
      ) { HostName.isVersion4($0) ? $0 : nil }
    } show: {
      $0.interface.map { .text($0) }
    },
    Setting("priority") { value, destination throws(SettingProblem) in
      destination.priority = try value.whole(in: priorities)
    } show: {
      .whole($0.priority)
    },
    Setting("rate") { value, destination throws(SettingProblem) in
      destination.rate = try value.number("frames per second", in: rates)
    } show: {
      .number($0.rate)
    },
    Setting("on_loss") { value, destination throws(SettingProblem) in
      destination.onLoss = try value.lossPolicy()
    } show: {
      .lossPolicy($0.onLoss)
    },
  ]

  static let requiredSettings: (names: [String], reason: String) = (
    ["protocol", "universe", "channels"], "an output has a protocol, a universe and channels"
  )

  var problem: SettingProblem? {
    guard networkProtocol == .artnet, host == nil else { return nil }
    return .wrong("host is missing: Art-Net goes to the address of a node, or to a broadcast address")
  }
}

extension SettingValue {
  fileprivate static func dmxChannel(_ channel: DMXDestination.Channel) -> SettingValue {
    switch channel {
    case .value(let value): .text(value.rawValue)
    case .fine(let value): .text(value.rawValue + fineSuffix)
    case .fixed(let level): .whole(Int(level))
    }
  }

  private static let fineSuffix = "/fine"

  fileprivate func dmxChannels() throws(SettingProblem) -> [Int: DMXDestination.Channel] {
    try numbered("channels", in: DMXDestination.channelNumbers, such: "{ 1 = \"valence\", 2 = \"color/red\" }") {
      value throws(SettingProblem) in
      if case .whole = value { return .fixed(UInt8(try value.whole(in: 0...255))) }
      return try value.choice(
        "one of \(Self.unitNames), with \(Self.fineSuffix) behind it or without, or a level from 0 to 255"
      ) { text in
        guard text.hasSuffix(Self.fineSuffix) else { return UnitValue(rawValue: text).map { .value($0) } }
        return UnitValue(rawValue: String(text.dropLast(Self.fineSuffix.count))).map { .fine($0) }
      }
    }
  }
}
