/// A setting of the configuration file: how its value is taken over, and which value is in force.
struct Setting<Target: Sendable>: Sendable {
  /// The last part of its key.
  let name: String
  /// Whether a change takes effect only at the next start.
  let needsRestart: Bool
  let take: @Sendable (SettingValue, inout Target) throws(SettingProblem) -> Void
  /// Nil where nothing is set.
  let show: @Sendable (Target) -> SettingValue?

  init(
    _ name: String, needsRestart: Bool = false,
    take: @escaping @Sendable (SettingValue, inout Target) throws(SettingProblem) -> Void,
    show: @escaping @Sendable (Target) -> SettingValue?
  ) {
    self.name = name
    self.needsRestart = needsRestart
    self.take = take
    self.show = show
  }
}

/// A table of the configuration file, such as `[input]`.
struct SettingSection: Sendable {
  let name: String
  /// In the order in which they are taken over and shown.
  let settings: [Setting<Configuration>]

  init(_ name: String, _ settings: [Setting<Configuration>]) {
    self.name = name
    self.settings = settings
  }
}
