import Embedding
import EmotionModel
import Testing
import Training

@Suite struct RecipeTests {
  @Test func namesAreUniqueAndAreNoPapers() {
    let names = Recipe.all.map(\.name)
    #expect(names.count > 20 && Set(names).count == names.count)
    #expect(Set(names).isDisjoint(with: Recipe.Paper.allCases.map(\.rawValue) + ["all"]))
    #expect(names.allSatisfy { !$0.contains(",") && !$0.contains(" ") })
    for recipe in Recipe.all where recipe.paper != .own { #expect(recipe.name.hasPrefix("\(recipe.paper.rawValue)-")) }
  }

  @Test(arguments: Recipe.all.map(\.name))
  func whatARecipeNamesIsThere(_ name: String) throws {
    let system = try #require(Recipe.named(name).first).system
    if system.input.hasPrefix("table:") {
      #expect(system.input.hasSuffix(".csv"))
    } else {
      #expect(try EmbeddingChoice(name: system.input).name == system.input)
    }
    #expect(system.target == .quadrant ? system.kind.tellsQuadrants : system.kind.tellsAffect)
    // What trains it is there.
    switch system.kind {
    case .svr, .svm: #expect(!system.settings.supportVectors.isEmpty)
    case .forest, .boosting: #expect(!system.settings.trees.isEmpty)
    case .cnn:
      // A mel patch of 128 × 128 is what all of them read.
      #expect(throws: Never.self) { try system.settings.convolution.check([128, 128], selection: system.selection) }
    default: break
    }
    #expect(system.summary.hasPrefix("\(system.input) × ") && system.summary.contains(system.kind.rawValue))
    // What is written of a selection is what is read of it.
    if let selection = system.selection { #expect(InputSelection(selection.description) == selection) }
  }

  @Test func theFourSpectrogramNetworksHaveAHeadEach() throws {
    let recipes = try Recipe.named("gupta-cnn,gupta-se-cnn,gupta-cnn-gru,gupta-cnn-gru-attention")
    #expect(recipes.map(\.system.settings.convolution.head) == ConvolutionHead.allCases)
    #expect(recipes.map(\.system.settings.convolution.gateRatio) == [nil, 8, 8, 8])
    #expect(recipes.allSatisfy { $0.system.input == "logmel" && $0.system.kind == .cnn })
  }

  @Test func recipesAreMeantByTheirNamesOrByTheirPapers() throws {
    func names(_ text: String) throws -> [String] { try Recipe.named(text).map(\.name) }
    #expect(try names("gupta-lasso,gupta-ridge") == ["gupta-lasso", "gupta-ridge"])
    #expect(try names("lyu") == Recipe.all.filter { $0.paper == .lyu }.map(\.name))
    // Every paper has systems.
    for paper in Recipe.Paper.allCases { #expect(try !names(paper.rawValue).isEmpty) }
    // None stands twice.
    #expect(try names("lyu-bilstm,lyu,lyu-bilstm").sorted() == names("lyu").sorted())
    #expect(try names("all") == Recipe.all.map(\.name))
    for (text, problem) in [
      ("", .none), (",", .none), ("nothing", .unknown("nothing")), ("gupta,nothing", .unknown("nothing")),
      ("Gupta", .unknown("Gupta")), ("gupta-", .unknown("gupta-")), ("gupta,all", .unknown("all")),
    ] as [(String, Recipe.NameProblem)] {
      #expect(throws: problem) { try Recipe.named(text) }
    }
  }
}
