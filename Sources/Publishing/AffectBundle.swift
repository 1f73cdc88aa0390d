public import Affect

extension OSCBundle {
  /// What is sent over OSC at a tick: one float per address, because TouchDesigner and many desks take no more.
  /// Without values only the level and the activity are sent.
  public init(_ estimate: AffectEstimate) {
    var messages: [OSCMessage] = []
    if let affect = estimate.values?.smoothed {
      messages += [
        OSCMessage("/affect/valence", .float(affect.valence)),
        OSCMessage("/affect/arousal", .float(affect.arousal)),
        OSCMessage("/affect/unit/valence", .float(Affect.unit(affect.valence))),
        OSCMessage("/affect/unit/arousal", .float(Affect.unit(affect.arousal))),
      ]
    }
    messages += [
      OSCMessage("/affect/level", .float(estimate.level)),
      OSCMessage("/affect/active", .int(estimate.values == nil ? 0 : 1)),
    ]
    self.init(messages)
  }
}
