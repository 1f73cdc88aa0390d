internal import Publishing

/// Takes the settings of a document over, and notes what is wrong with them.
struct ConfigurationReader {
  private(set) var configuration = Configuration()
  /// The keys count from the document's top.
  private(set) var problems: [SettingProblem] = []

  /// More receivers are a mistake.
  static let destinationLimit = 64
  private static let destinationNameLimit = 32

  init(_ document: [String: SettingValue]) {
    var tables: [String: [String: SettingValue]] = [:]
    for name in document.keys.sorted() {
      guard SettingSection.all.contains(where: { $0.name == name }) else {
        addUnknown(name, document[name])
        continue
      }
      guard case .table(let table)? = document[name] else {
        problems.append(.wrong("this is the name of a table: its settings follow a line [\(name)]").within([name]))
        continue
      }
      tables[name] = table
    }
    for section in SettingSection.all {
      guard var table = tables[section.name] else { continue }
      if let kind = DestinationKinds[section.name] { takeDestinations(kind, &table) }
      problems += Self.take(section.settings, from: table, at: [section.name], into: &configuration)
    }
  }

  /// Every key, those of destinations with NAME for any name.
  static var knownKeys: [[String]] {
    SettingSection.all.flatMap { section in section.settings.map { [section.name, $0.name] } } + DestinationKinds.keys
  }

  private mutating func addUnknown(_ name: String, _ value: SettingValue?) {
    if case .table? = value {
      let suggestion = NearestKey.suggestion(for: [name], among: SettingSection.all.map { [$0.name] })
      problems.append(.unknown([name], kind: "table of settings", suggestion: suggestion))
    } else {
      problems.append(.unknown([name], suggestion: NearestKey.suggestion(for: [name], among: Self.knownKeys)))
    }
  }

  /// Takes over what `table` has of `settings`, in their order, and returns what is wrong.
  private static func take<Target>(
    _ settings: [Setting<Target>], from table: [String: SettingValue], at path: [String], into target: inout Target
  ) -> [SettingProblem] {
    var problems: [SettingProblem] = []
    for setting in settings {
      guard let value = table[setting.name] else { continue }
      do {
        try setting.take(value, &target)
      } catch {
        problems.append(error.within(path + [setting.name]))
      }
    }
    for name in table.keys.sorted() where !settings.contains(where: { $0.name == name }) {
      if path.count == 1, let kind = DestinationKinds[path[0]], DestinationKinds.settingNames(kind).contains(name) {
        problems.append(
          .wrong("belongs to a destination: put it under a line [\(path[0]).NAME], with a name of your own").within(
            path + [name]))
        continue
      }
      // In its own table first, then anywhere.
      let here = settings.map { path + [$0.name] }
      let suggestion = NearestKey.suggestion(for: path + [name], among: here + knownKeys)
      problems.append(.unknown(path + [name], suggestion: suggestion))
    }
    return problems
  }

  /// Takes the tables out of `[osc]` or its like, each of which is a destination.
  private mutating func takeDestinations<Kind: ConfiguredDestination>(
    _ kind: Kind.Type, _ section: inout [String: SettingValue]
  ) {
    let ownNames = SettingSection.all.first { $0.name == Kind.section }?.settings.map(\.name) ?? []
    var destinations: [Kind] = []
    for name in section.keys.sorted() where !ownNames.contains(name) {
      guard case .table(let table)? = section[name] else { continue }
      section[name] = nil
      destinations.append(destination(name, table))
    }
    if destinations.count > Self.destinationLimit {
      problems.append(
        .wrong("there are \(destinations.count) destinations, at most \(Self.destinationLimit) are allowed")
          .within([Kind.section]))
    }
    if !destinations.isEmpty { configuration[keyPath: Kind.list] = destinations }
  }

  private mutating func destination<Kind: ConfiguredDestination>(
    _ name: String, _ table: [String: SettingValue]
  ) -> Kind {
    let path = [Kind.section, name]
    var destination = Kind.unset(name)
    guard !name.isEmpty, name.utf8.count <= Self.destinationNameLimit, name.utf8.allSatisfy(SettingProblem.isBare)
    else {
      problems.append(
        .wrong(
          "the name of a destination has letters, digits, - and _ only, and at most \(Self.destinationNameLimit) of them"
        ).within(path))
      return destination
    }
    var found = Self.take(Kind.settings, from: table, at: path, into: &destination)
    for required in Kind.requiredSettings.names where table[required] == nil {
      found.append(.wrong("\(required) is missing: \(Kind.requiredSettings.reason)").within(path))
    }
    if found.isEmpty, let problem = destination.problem { found.append(problem.within(path)) }
    problems += found
    return destination
  }
}
