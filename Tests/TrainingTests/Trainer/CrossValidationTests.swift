import Affect
import EmotionModel
import Testing
import Training

@Suite struct CrossValidationTests {
  private func run(
    _ kind: EmotionModelKind, workers: Int = 2, repeats: Int = 2, seed: UInt64 = 1
  ) async throws -> [CrossValidation.Fold] {
    var system = System(input: "musicnn", kind: kind)
    for index in system.settings.trees.indices { system.settings.trees[index].count = 20 }
    return try await CrossValidation(
      system: system, splitProtocol: .artist, folds: 3, repeats: repeats, seed: seed
    ).run(on: LearnableSongs.make(45), workers: workers)
  }

  @Test func everySongIsScoredOnceInEachDivision() async throws {
    let folds = try await run(.lasso)
    #expect(folds.map { "\($0.division).\($0.number)" } == ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"])
    let all = LearnableSongs.make(45).set.songs.map(\.identifier).sorted()
    for division in 0..<2 {
      #expect(folds.filter { $0.division == division }.flatMap(\.songs).map(\.identifier).sorted() == all)
    }
    // The second division deals them anew.
    #expect(Set(folds[0].songs.map(\.identifier)) != Set(folds[3].songs.map(\.identifier)))
  }

  @Test(arguments: [EmotionModelKind.forest, .boosting, .svr])
  func theResultDoesNotDependOnTheNumberOfThreads(_ kind: EmotionModelKind) async throws {
    let (one, three) = (try await run(kind, workers: 1, repeats: 1), try await run(kind, workers: 3, repeats: 1))
    #expect(one.flatMap(\.songs).flatMap(\.predictions) == three.flatMap(\.songs).flatMap(\.predictions))
    let other = try await run(kind, workers: 1, repeats: 1, seed: 2)
    #expect(one.flatMap(\.songs).map(\.identifier) != other.flatMap(\.songs).map(\.identifier))
  }

  @Test func theTableHasAllSystemsAndWhatLabelsAloneGive() async throws {
    let rows = try await [EmotionModelKind.ridge, .lasso].asyncMap { kind in
      SystemTable.Row(
        name: "\(kind)", summary: "", published: kind == .ridge ? "r .5" : nil, folds: try await run(kind))
    }
    let lines = SystemTable(rows, entropy: true).lines
    #expect(lines.contains { $0.hasPrefix("ridge ") } && lines.contains { $0.hasPrefix("lasso ") })
    #expect(lines.contains { $0.hasPrefix("persistence, 0.5 s (uses labels, not a model)") })
    #expect(lines.suffix(2) == ["Published beside these:", "  ridge: r .5"])
    #expect(lines.contains { $0.hasSuffix("entropy") })
  }
}

extension Array {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
