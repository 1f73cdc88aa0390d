internal import Platform

/// Why a model cannot be trained.
extension Failure {
  /// - Parameter what: names the number that is none.
  static func notFinite(_ what: String, _ settings: TrainingSettings) -> Failure {
    Failure(
      .invalidData,
      "\(what) is not a finite number (learning rate \(settings.learningRate)): no model is written. Look for labels or "
        + "audio that are out of the ordinary in the notes above, or train with another --seed")
  }

  static func tooFewSongs(_ count: Int, needed: Int) -> Failure {
    Failure(
      .invalidData,
      "\(count) songs with labels and audio are too few: \(needed) are needed to divide them into training, validation "
        + "and test")
  }
}
