internal import Publishing

/// The settings of a destination, the table `[osc.NAME]`.
extension OSCDestination: ConfiguredDestination {
  static var section: String { "osc" }
  static var list: WritableKeyPath<Configuration, [OSCDestination]> { \.osc }

  static func unset(_ name: String) -> OSCDestination {
    OSCDestination(name: name, endpoint: OSCDestination.standard.endpoint)
  }

  static let settings: [Setting<OSCDestination>] = [
    Setting("host") { value, destination throws(SettingProblem) in
      let host = try value.host()
      destination.endpoint = HostEndpoint(host: host, port: destination.endpoint.port)
    } show: {
      .text($0.endpoint.host)
    },
    Setting("port") { value, destination throws(SettingProblem) in
      let port = try value.whole(in: Configuration.ports)
      destination.endpoint = HostEndpoint(host: destination.endpoint.host, port: port)
    } show: {
      .whole($0.endpoint.port)
    },
    Setting("values") { value, destination throws(SettingProblem) in
      destination.values = try value.oscValues()
    } show: {
      .list($0.values.map { .text($0.rawValue) })
    },
    Setting("address") { value, destination throws(SettingProblem) in
      destination.address = try value.oscAddress()
    } show: {
      .text($0.address)
    },
    Setting("addresses") { value, destination throws(SettingProblem) in
      destination.addresses = try value.oscAddresses()
    } show: {
      .table(Dictionary(uniqueKeysWithValues: $0.addresses.map { ($0.key.rawValue, .text($0.value)) }))
    },
    Setting("range") { value, destination throws(SettingProblem) in
      destination.range = try value.oscRange()
    } show: {
      .list($0.range.map { .number($0) })
    },
    Setting("rate") { value, destination throws(SettingProblem) in
      destination.rate = try value.number("ticks per second", in: TickRate.range)
    } show: {
      $0.rate.map { .number($0) }
    },
    Setting("bundle") { value, destination throws(SettingProblem) in
      destination.bundle = try value.boolean()
    } show: {
      .boolean($0.bundle)
    },
    Setting("time_tag") { value, destination throws(SettingProblem) in
      destination.timeTag = try value.choice(
        "one of \(TimeTag.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))"
      ) { TimeTag(rawValue: $0) }
    } show: {
      .text($0.timeTag.rawValue)
    },
    Setting("on_loss") { value, destination throws(SettingProblem) in
      destination.onLoss = try value.lossPolicy()
    } show: {
      .lossPolicy($0.onLoss)
    },
  ]

  static let requiredSettings: (names: [String], reason: String) = (
    ["host", "port"], "a destination has a host and a port"
  )

  var problem: SettingProblem? {
    var owners: [String: OSCValue] = [:]
    for value in values {
      let address = address(of: value)
      guard address.utf8.count <= OSCAddressRules.limit else {
        return .wrong(
          "the address of \(value.rawValue) has \(address.utf8.count) bytes, at most \(OSCAddressRules.limit) are allowed"
        ).within(addressPath([value]))
      }
      if let owner = owners.updateValue(value, forKey: address) {
        return .wrong(
          "\(owner.rawValue) and \(value.rawValue) would both be sent to \(address): tell them apart with {value}, or "
            + "with addresses"
        ).within(addressPath([owner, value]))
      }
    }
    return nil
  }

  /// The setting that the address of `values` comes from; if one has an address of its own, that one.
  private func addressPath(_ values: [OSCValue]) -> [String] {
    values.first { addresses[$0] != nil }.map { ["addresses", $0.rawValue] } ?? ["address"]
  }
}

extension SettingValue {
  fileprivate static let oscValueNames = OSCValue.allCases.map(\.rawValue)

  fileprivate func oscValues() throws(SettingProblem) -> [OSCValue] {
    let names = try list("a list of values")
    guard !names.isEmpty else { throw .expected("a list of one value or more", found: self) }
    var result: [OSCValue] = []
    for name in names {
      let value = try name.choice("values out of \(Self.oscValueNames.joined(separator: ", "))") {
        OSCValue(rawValue: $0)
      }
      guard !result.contains(value) else { throw .wrong("\(value.rawValue) is there twice") }
      result.append(value)
    }
    return result
  }

  fileprivate func oscAddress() throws(SettingProblem) -> String {
    try choice(OSCAddressRules.expected) { OSCAddressRules.allows($0) ? $0 : nil }
  }

  fileprivate func oscAddresses() throws(SettingProblem) -> [OSCValue: String] {
    guard case .table(let members) = self else {
      throw .expected("a table of addresses, such as { valence = \"/a\" }", found: self)
    }
    var result: [OSCValue: String] = [:]
    for name in members.keys.sorted() {
      guard let value = OSCValue(rawValue: name) else {
        throw .unknown(
          [name], kind: "value",
          suggestion: NearestKey.suggestion(for: [name], among: Self.oscValueNames.map { [$0] }))
      }
      do {
        result[value] = try members[name]?.oscAddress()
      } catch {
        throw error.within([name])
      }
    }
    return result
  }

  fileprivate func oscRange() throws(SettingProblem) -> [Float] {
    let limit = OSCDestination.rangeLimit
    let expected =
      "two different numbers in brackets, from \(Self.plain(Double(-limit))) to \(Self.plain(Double(limit)))"
    let values = try list(expected)
    guard values.count == 2 else { throw .expected(expected, found: "\(values.count) in a list") }
    let first = try values[0].number(in: -limit...limit)
    let last = try values[1].number(in: -limit...limit)
    guard first != last else { throw .expected(expected, found: "the same twice") }
    return [first, last]
  }
}

/// What an OSC address in the configuration may look like.
enum OSCAddressRules {
  /// Bytes of an address.
  static let limit = 200

  static let expected =
    "an address that begins with / and has at most \(limit) bytes, with {value} and {name} as the only braces, and "
    + "without spaces and # * , ? [ ]"

  /// Whether `template` is an address of printable ASCII characters, without those that OSC 1.0 keeps for patterns
  /// ("OSC Address Spaces and OSC Addresses"), once the placeholders are filled in.
  static func allows(_ template: String) -> Bool {
    let filled = template.replacing("{value}", with: "v").replacing("{name}", with: "n")
    return template.utf8.count <= limit && filled.hasPrefix("/")
      && filled.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"#*,?[]{}".utf8.contains($0) }
  }
}
