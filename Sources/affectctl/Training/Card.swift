import ArgumentParser
import CommandLineSupport
import Embedding
import EmotionModel
import NeuralNetwork
import Platform
import ShippedModels
import Training

struct Card: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what a model file says of itself: what it was trained on, how, and its scores.",
    discussion: """
      With --shap it also prints which inputs move the model's values most on labelled music, by their SHAP values: of \
      ridge, lasso, forest and boosting.
      """)

  @Argument(
    help: ArgumentHelp("A model file. (default: the one that comes with affectd)", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(
    help: ArgumentHelp("Print the 20 strongest inputs on the music of this folder.", valueName: "data"),
    completion: .directory)
  var shap: String?

  @OptionGroup var progress: ProgressOptions

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let file = try SafetensorsFile(path: file ?? ShippedModel.emotion.locate())
      if let shap { return try await printContributions(file, data: shap) }
      let keys = file.metadata.keys.sorted().filter { $0 != "card" }
      for key in keys { Console.writeOutput("\(key): \(file.metadata[key] ?? "")\n") }
      if let card = file.metadata["card"] { Console.writeOutput("\n\(card)\n") }
    }
  }

  /// Moments of each song that are looked at.
  private static let momentsPerSong = 4
  private static let inputCount = 20

  private func printContributions(_ file: SafetensorsFile, data: String) async throws {
    let identifier = file.metadata["embedding"] ?? ""
    guard let choice = EmbeddingChoice(identifier: identifier) else {
      throw Failure(
        .invalidData, file.path,
        "hears '\(identifier)', which cannot be computed from audio without more: --shap is for MusiCNN and descriptors"
      )
    }
    let data = try DataOptions.parse(["--", data])
    let options = try TrainingOptions.parse(["--input", choice.name])
    // No label is looked at: that something is known of each song is enough.
    let workshop = try Workshop(
      data, options, nil, progress, input: .audio(choice), target: .quadrant, hearsTonality: false)
    let material = try await workshop.load()
    let set = material.set
    var contributions = InputContributions(
      try EmotionModelFile.additiveMembers(file, embedding: identifier, dimension: set.width), dimension: set.width)
    for song in set.songs.indices {
      for tick in material.learnedTicks(ofSong: song, perSong: Self.momentsPerSong) {
        contributions.add(set.inputs[song][tick * set.width..<(tick + 1) * set.width])
      }
    }
    let names = try workshop.valueNames()
    let outputs = contributions.outputCount == 2 ? ["Valence", "Arousal"] : (1...4).map { "Quadrant \($0)" }
    for (output, title) in outputs.enumerated() {
      Console.writeOutput("\(title): mean |SHAP|, and r of the input with its SHAP value\n")
      for contribution in contributions.strongest(Self.inputCount, output: output) {
        let strength = NumberText.fixed(contribution.strength, 4)
        let direction = NumberText.fixed(contribution.direction, 2)
        Console.writeOutput("  \(strength)  \(direction)  \(names[contribution.input])\n")
      }
    }
  }
}
