public import Publishing

extension Configuration {
  /// The configuration in force, as nested objects with the keys of the file. What is not set is `null`.
  public var json: JSONLine {
    var result = JSONLine()
    for section in SettingSection.all {
      var object = JSONLine()
      for setting in section.settings { object.add(setting.name, setting.show(self)) }
      if section.name == ConfigurationReader.oscName {
        for destination in osc { object.add(destination.name, destination.json) }
      }
      result.add(section.name, object)
    }
    return result
  }
}

extension OSCDestination {
  fileprivate var json: JSONLine {
    var object = JSONLine()
    for setting in Self.settings { object.add(setting.name, setting.show(self)) }
    return object
  }
}
