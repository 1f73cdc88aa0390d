import ArgumentParser
import CommandLineSupport
import NeuralNetwork
import ShippedModels

struct Card: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints what a model file says of itself: what it was trained on, how, and its scores.")

  @Argument(
    help: ArgumentHelp("A model file. (default: the one that comes with affectd)", valueName: "file"),
    completion: .file())
  var file: String?

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let file = try SafetensorsFile(path: file ?? ShippedModel.emotion.locate())
      let keys = file.metadata.keys.sorted().filter { $0 != "card" }
      for key in keys { Console.writeOutput("\(key): \(file.metadata[key] ?? "")\n") }
      if let card = file.metadata["card"] { Console.writeOutput("\n\(card)\n") }
    }
  }
}
