/// Why a model cannot be trained.
public struct TrainingError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  static func tooFewSongs(_ count: Int, needed: Int) -> TrainingError {
    TrainingError(
      "\(count) songs with labels and audio are too few: \(needed) are needed to divide them into training, validation "
        + "and test")
  }
}
