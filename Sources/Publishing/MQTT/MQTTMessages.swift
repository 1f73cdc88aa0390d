internal import Affect

/// A message to an MQTT broker.
package struct MQTTMessage: Sendable, Equatable {
  package let topic: String
  package let payload: String
  /// 0: told once; 1: told until the broker confirms it.
  package var quality: Int32 = 0
}

/// What a broker is told: all of it is retained, so that who comes later knows it.
package struct MQTTMessages: Sendable {
  private let destination: MQTTDestination

  package init(_ destination: MQTTDestination) {
    self.destination = destination
  }

  /// Whether affectd is there. The other one is the broker's to tell when the connection breaks (the "last will").
  package func status(isOnline: Bool) -> MQTTMessage {
    MQTTMessage(topic: "\(destination.topic)/status", payload: isOnline ? "online" : "offline", quality: 1)
  }

  /// A tick: the line of the socket.
  package func state(_ line: AffectLine) -> MQTTMessage {
    MQTTMessage(topic: stateTopic, payload: line.json)
  }

  private var stateTopic: String { "\(destination.topic)/state" }

  /// What Home Assistant makes entities of (home-assistant.io/integrations/mqtt, "MQTT Discovery"), under the topics that it
  /// listens to.
  package var discovery: [MQTTMessage] {
    guard destination.discovery else { return [] }
    return Self.entities.map { entity in
      // A topic without slashes; two affectd at one broker have two.
      let node = destination.topic.replacing("/", with: "_")
      let identifier = "\(node)_\(entity.key)"
      var line = JSONLine()
      line.add("name", entity.name)
      line.add("unique_id", identifier)
      line.add("object_id", identifier)
      line.add("state_topic", stateTopic)
      line.add("value_template", entity.template)
      line.add("availability_topic", status(isOnline: true).topic)
      for (key, value) in entity.texts { line.add(key, value) }
      if let digits = entity.digits { line.add("suggested_display_precision", digits) }
      if entity.key == "state" { line.add("options", TrackerState.allCases.map(\.rawValue)) }
      if entity.hasAttributes { line.add("json_attributes_topic", stateTopic) }
      var device = JSONLine()
      device.add("identifiers", [node])
      device.add("name", destination.topic)
      device.add("model", "affectd")
      device.add("sw_version", Version.number)
      line.add("device", device)
      return MQTTMessage(
        topic: "homeassistant/\(entity.component)/\(node)/\(entity.key)/config", payload: line.object, quality: 1)
    }
  }

  private struct Entity {
    var component = "sensor"
    let key: String
    let name: String
    let template: String
    var texts: [(String, String)] = []
    var digits: Int?
    var hasAttributes = false
  }

  /// A value that is not there is `None`, which Home Assistant shows as unknown.
  private static func template(_ field: String) -> String { "{{ value_json.\(field) | default('None') }}" }

  private static let entities = [
    Entity(
      key: "valence", name: "Valence", template: template("valence"),
      texts: [("state_class", "measurement"), ("icon", "mdi:emoticon-happy-outline")], digits: 2),
    Entity(
      key: "arousal", name: "Arousal", template: template("arousal"),
      texts: [("state_class", "measurement"), ("icon", "mdi:lightning-bolt")], digits: 2),
    Entity(
      key: "confidence", name: "Confidence", template: template("confidence"),
      texts: [("state_class", "measurement"), ("icon", "mdi:check-decagram-outline")], digits: 2),
    Entity(
      key: "level", name: "Level", template: template("level"),
      texts: [("state_class", "measurement"), ("unit_of_measurement", "dBFS"), ("icon", "mdi:volume-high")], digits: 0),
    Entity(
      key: "color", name: "Color", template: "{{ value_json.color.html if value_json.color is defined else 'None' }}",
      texts: [("icon", "mdi:palette")], hasAttributes: true),
    Entity(
      key: "state", name: "State", template: template("state"), texts: [("device_class", "enum")]),
    Entity(
      component: "binary_sensor", key: "music", name: "Music",
      template: "{{ 'ON' if value_json.state == 'tracking' else 'OFF' }}", texts: [("icon", "mdi:music")]),
  ]
}
