import EmotionModel

extension EmotionModelKind {
  /// What a model is called in a table.
  func name(isFineTuned: Bool) -> String { rawValue + (isFineTuned ? ", fine-tuned" : "") }
}
