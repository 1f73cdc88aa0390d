import ArgumentParser

/// What a model is trained on beside the songs of DATA, and is never scored on.
struct AddedSongsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Train on the songs of this folder too, which are never scored, such as one with quadrants.csv.",
      valueName: "data"), completion: .directory)
  var also: String?

  @Option(
    help: ArgumentHelp(
      "How much the quadrant of a song counts of which nothing else is known, 0 to 1.", valueName: "weight"))
  var quadrantWeight: Float = 0.2

  @Option(
    help: ArgumentHelp(
      "Train on copies of each song too, as it sounds through loudspeakers, rooms, crowds and microphones.",
      valueName: "kind"))
  var augment: Augmentation?

  @Option(help: ArgumentHelp("Copies of each song with --augment, 1 to 20.", valueName: "count"))
  var copies = 4

  /// Of each song.
  var copyCount: Int { augment == nil ? 0 : copies }

  func validate() throws {
    guard (0...1).contains(quadrantWeight) else {
      throw ValidationError("--quadrant-weight: expected a number from 0 to 1")
    }
    guard (1...20).contains(copies) else { throw ValidationError("--copies: expected a number from 1 to 20") }
  }
}

/// How songs are changed for training.
enum Augmentation: String, ExpressibleByArgument, CaseIterable, Sendable {
  case venue
}
