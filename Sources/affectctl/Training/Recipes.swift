import ArgumentParser
import CommandLineSupport
import Training

struct Recipes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the systems that can be trained by name, one a line.",
    discussion: """
      A recipe names an input, what of it is read, a kind of model, what it says and how it is trained. The names begin \
      with the paper that the system comes from. Behind the system stand the published figures, valence before arousal, \
      and their protocol.
      """)

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let width = Recipe.all.map(\.name.count).max() ?? 0
      for recipe in Recipe.all {
        let name = recipe.name + String(repeating: " ", count: width - recipe.name.count)
        let published = recipe.published.map { "; published: \($0)" } ?? ""
        Console.writeOutput("\(name)  \(recipe.system.summary)\(published)\n")
      }
    }
  }
}
