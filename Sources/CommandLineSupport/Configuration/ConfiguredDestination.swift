internal import Publishing

/// A destination that has a table of its own, `[osc.NAME]`.
protocol ConfiguredDestination: OutputDestination {
  /// The table around it.
  static var section: String { get }
  /// Those of a configuration.
  static var list: WritableKeyPath<Configuration, [Self]> { get }
  static var settings: [Setting<Self>] { get }
  /// What it cannot do without, and what is said where that is missing.
  static var requiredSettings: (names: [String], reason: String) { get }

  /// One of which nothing is set.
  static func unset(_ name: String) -> Self

  /// What is wrong with the settings together, if each is right on its own.
  var problem: SettingProblem? { get }
}

extension ConfiguredDestination {
  var json: JSONLine {
    var object = JSONLine()
    for setting in Self.settings { object.add(setting.name, setting.show(self)) }
    return object
  }

  /// Those of `configuration`, by their names.
  static func all(in configuration: Configuration) -> [(name: String, json: JSONLine)] {
    configuration[keyPath: list].map { ($0.name, $0.json) }
  }
}

/// The kinds of destinations that have tables.
enum DestinationKinds {
  static let all: [any ConfiguredDestination.Type] = [OSCDestination.self, DMXDestination.self, WLEDDestination.self]

  static subscript(_ section: String) -> (any ConfiguredDestination.Type)? { all.first { $0.section == section } }

  /// The keys of their settings, with NAME for any name.
  static var keys: [[String]] { all.flatMap { kind in settingNames(kind).map { [kind.section, "NAME", $0] } } }

  static func settingNames<Kind: ConfiguredDestination>(_ kind: Kind.Type) -> [String] { Kind.settings.map(\.name) }
}
