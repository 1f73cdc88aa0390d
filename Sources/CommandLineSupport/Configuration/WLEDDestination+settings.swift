internal import Publishing

/// The settings of a lamp, the table `[wled.NAME]`.
extension WLEDDestination: ConfiguredDestination {
  static var section: String { "wled" }
  static var list: WritableKeyPath<Configuration, [WLEDDestination]> { \.wled }

  static func unset(_ name: String) -> WLEDDestination { WLEDDestination(name: name, host: "") }

  static let settings: [Setting<WLEDDestination>] = [
    Setting("host") { value, destination throws(SettingProblem) in
      destination.host = try value.host()
    } show: {
      .text($0.host)
    },
    Setting("mode") { value, destination throws(SettingProblem) in
      destination.mode = try value.choice(
        "one of \(Mode.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))"
      ) { Mode(rawValue: $0) }
    } show: {
      .text($0.mode.rawValue)
    },
    Setting("port") { value, destination throws(SettingProblem) in
      destination.port = try value.whole(in: Configuration.ports)
    } show: {
      $0.port.map { .whole($0) }
    },
    Setting("leds") { value, destination throws(SettingProblem) in
      destination.leds = try value.whole(in: ledCounts)
    } show: {
      .whole($0.leds)
    },
    Setting("brightness") { value, destination throws(SettingProblem) in
      if case .whole = value {
        destination.brightness = .fixed(UInt8(try value.whole(in: brightnesses)))
        return
      }
      destination.brightness = .value(
        try value.choice("a whole number from 1 to 255, or one of \(SettingValue.unitNames)") {
          UnitValue(rawValue: $0)
        })
    } show: {
      switch $0.brightness {
      case nil: nil
      case .fixed(let level): .whole(Int(level))
      case .value(let value): .text(value.rawValue)
      }
    },
    Setting("rate") { value, destination throws(SettingProblem) in
      destination.rate = try value.number("colors per second", in: rates)
    } show: {
      $0.rate.map { .number($0) }
    },
    Setting("on_loss") { value, destination throws(SettingProblem) in
      destination.onLoss = try value.lossPolicy()
    } show: {
      .lossPolicy($0.onLoss)
    },
  ]

  static let requiredSettings: (names: [String], reason: String) = (["host"], "a lamp has one")

  var problem: SettingProblem? { nil }
}
