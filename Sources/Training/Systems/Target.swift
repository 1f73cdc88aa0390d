/// What a model is trained to say.
public enum Target: String, CaseIterable, Sendable {
  /// Valence and arousal.
  case affect
  /// One of the four quadrants of their plane.
  case quadrant

  /// Numbers that the last layer gives.
  var outputCount: Int {
    switch self {
    case .affect: 2
    case .quadrant: 4
    }
  }
}
