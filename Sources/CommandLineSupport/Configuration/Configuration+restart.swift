extension Configuration {
  /// The keys whose values differ from those of `other` and are taken over only at the next start, in the order of the
  /// settings. All other settings can change while the daemon runs.
  public func settingsThatNeedARestart(comparedTo other: Configuration) -> [String] {
    SettingSection.all.flatMap { section in
      section.settings
        .filter { $0.needsRestart && $0.show(self) != $0.show(other) }
        .map { "\(section.name).\($0.name)" }
    }
  }
}
