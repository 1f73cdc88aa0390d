/// What the tracker is doing. The raw values are the names used on the wire.
public enum TrackerState: String, Sendable {
  /// Audio arrives, but the first full window is not there yet: there are no values.
  case warmingUp
  /// The values follow the music.
  case tracking
}
