public import EmotionModel

/// A whole way from sound to emotion, as data: what is heard × what of it is read × the model × what it says × how it is
/// trained.
public struct System: Sendable {
  /// What is heard, as a person writes it: `musicnn`, `librosa+musicnn`, `table:FILE.csv`.
  public var input: String
  /// Nil for all values.
  public var selection: InputSelection?
  public var kind: EmotionModelKind
  public var target: Target
  public var settings: TrainingSettings

  /// - Parameter settings: nil for the standard ones of the kind.
  public init(
    input: String, selection: InputSelection? = nil, kind: EmotionModelKind, target: Target = .affect,
    settings: TrainingSettings? = nil
  ) {
    self.input = input
    self.selection = selection
    self.kind = kind
    self.target = target
    self.settings = settings ?? .standard(for: kind)
  }

  /// Whether MusiCNN's embedding, where it is the input, has the tonality behind it: for the kinds that hear a change
  /// sooner by its newest part.
  public var hearsTonality: Bool {
    input == "musicnn" && selection == nil && target == .affect && (kind == .ridge || kind.isNetwork)
  }

  /// Such as `librosa × pearson:15 × boosting`.
  public var summary: String {
    ([input] + [selection?.description, kind.rawValue, target == .affect ? nil : target.rawValue].compactMap(\.self))
      .joined(separator: " × ")
  }
}
