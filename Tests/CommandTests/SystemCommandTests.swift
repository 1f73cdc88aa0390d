import Foundation
import Platform
import TestSupport
import Testing

/// Systems of input, selection, kind and target: trained by their parts or by a recipe's name, compared, explained, and
/// run live.
@Suite struct SystemCommandTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it
  private var songs: GeneratedSongs { GeneratedSongs(directory: directory) }

  private func card() throws -> String { try songs.run(["card", songs.model]).output }

  // MARK: - Live

  // The daemon plays a file as long as it lasts, so that these go side by side.
  @Test(arguments: [("lasso", nil), ("svr", "pca:5"), ("forest", nil), ("boosting", "pearson:15")])
  func everyKindOfValenceAndArousalRunsLive(_ kind: String, _ selection: String?) throws {
    try songs.write()
    let trained = try songs.train(
      ["--input", "librosa", "--model", kind] + (selection.map { ["--select", $0] } ?? []))
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(try card().contains("Model: \(kind)\nInput: librosa\(selection.map { ", \($0)" } ?? "")\n"))
    try songs.expectTheSameLive("\(songs.data)/audio/12.flac", input: "librosa")
  }

  @Test(arguments: ["egemaps-mid", "compare260+mid"])
  func everySetOfDescriptorsRunsLive(_ input: String) throws {
    try songs.write()
    let trained = try songs.train(["--input", input, "--model", "lasso"])
    #expect(trained.status == 0, "\(trained.errors)")
    try songs.expectTheSameLive("\(songs.data)/audio/12.flac", input: input)
  }

  @Test(arguments: [("svm", []), ("forest", ["--select", "pearson:15"]), ("mlp", ["--epochs", "3"])])
  func everyKindOfQuadrantsRunsLive(_ kind: String, _ options: [String]) throws {
    try songs.writeQuadrants()
    let trained = try songs.train(
      ["--input", "librosa", "--model", kind, "--target", "quadrant"] + options, on: songs.quadrants)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.lines.contains { $0.contains("macro-F1") }, "\(trained.output)")
    #expect(try card().contains("Output: the four quadrants"))
    try songs.expectTheSameLive("\(songs.quadrants)/Q1/s10.flac", input: "librosa")
  }

  @Test func convolutionalNetworksRunLive() throws {
    try songs.write()
    let trained = try songs.train(["--recipe", "gupta-cnn-gru-attention", "--epochs", "1"])
    #expect(trained.status == 0, "\(trained.errors)")
    let card = try card()
    for text in [
      "Model: cnn\nInput: logmel\n",
      "Settings: channels 16 32 64, gru-attention, squeeze-and-excitation by 8, adam 0.001, batch 32, at most 1 epochs",
    ] {
      #expect(card.contains(text), "\(card)")
    }
    try songs.expectTheSameLive("\(songs.data)/audio/12.flac", input: "logmel")
  }

  @Test func aConvolutionalNetworkTellsQuadrantsApart() throws {
    try songs.writeQuadrants()
    let trained = try songs.train(
      ["--input", "logmel", "--model", "cnn", "--target", "quadrant", "--epochs", "1"], on: songs.quadrants)
    #expect(trained.status == 0 && trained.lines.contains { $0.contains("macro-F1") }, "\(trained.errors)")
    #expect(try card().contains("Settings: channels 16 32 64, flatten, adam"))
    let curve = try songs.run(
      ["analyze", "\(songs.quadrants)/Q1/s10.flac", "--embedding", "logmel", "--model", songs.model])
    #expect(curve.status == 0 && curve.lines.count > 5, "\(curve.errors)")
  }

  @Test func aConvolutionalNetworkNeedsImages() throws {
    try songs.write()
    for input in ["librosa", "musicnn", "logmel+mid"] {
      let result = try songs.train(["--input", input, "--model", "cnn"])
      #expect(result.status == 64 && result.errors.contains("reads frames of bands, which this input does not have"))
    }
    let compared = try songs.run([
      "compare", songs.data, "--cache", directory.file("cache"), "--input", "librosa", "--model", "cnn",
    ])
    #expect(compared.status == 64 && compared.errors.contains("reads frames of bands"), "\(compared.errors)")
  }

  @Test func quadrantsOfATableAreTrainedOn() throws {
    try songs.writeQuadrants()
    let folder = directory.file("folder")
    try FileManager.default.createDirectory(atPath: "\(folder)/audio", withIntermediateDirectories: true)
    var table = "song_id,quadrant,artist\n"
    for quadrant in 1...4 {
      for number in 0..<3 {
        let song = "s\(quadrant)\(number)"
        try FileManager.default.copyItem(
          atPath: "\(songs.quadrants)/Q\(quadrant)/\(song).flac", toPath: "\(folder)/audio/\(song).flac")
        table += "\(song),Q\(quadrant),band \(quadrant)\(number / 2)\n"
      }
    }
    try songs.write(table, to: "\(folder)/quadrants.csv")
    let options = ["--input", "librosa", "--model", "forest", "--target", "quadrant"]
    let ofTable = try songs.train(options, on: folder)
    #expect(ofTable.status == 0, "\(ofTable.errors)")
    // They are the same songs as in the folders.
    let ofFolders = try songs.train(options, on: songs.quadrants)
    let scores = ofTable.lines.filter { $0.hasPrefix("forest ") || $0.hasPrefix("quadrant ") }
    #expect(scores.count == 5 && scores.allSatisfy(ofFolders.lines.contains), "\(ofTable.output)\(ofFolders.output)")
  }

  // MARK: - Recipes

  @Test func aRecipeSaysAllOfASystem() throws {
    try songs.write()
    let forest = try songs.train(["--recipe", "gupta-forest"])
    #expect(forest.status == 0 && forest.lines.contains { $0.hasPrefix("forest ") }, "\(forest.errors)")
    let whole = try card()
    for text in [
      "model: forest", "embedding: librosa-386", "Input: librosa\n", "Settings: 300 trees, leaves of at least",
    ] {
      #expect(whole.contains(text), "\(whole)")
    }
    #expect(try songs.train(["--recipe", "gupta-xgb-pearson"]).status == 0)
    let selected = try card()
    for text in ["model: boosting", "Input: librosa, pearson:15\n", "Settings: at most 300 rounds"] {
      #expect(selected.contains(text), "\(selected)")
    }
    // An input that is named takes the place of the recipe's own.
    #expect(try songs.train(["--recipe", "gupta-lasso", "--input", "librosa-346"]).status == 0)
    #expect(try card().contains("embedding: librosa-346\n"))
  }

  @Test(arguments: [
    (["--recipe", "gupta-forest", "--model", "forest"], "--recipe says all that --model"),
    (["--recipe", "gupta-forest", "--target", "quadrant"], "--recipe says all that --model"),
    (["--recipe", "gupta-forest", "--select", "lasso"], "--recipe says all that --model"),
    (["--recipe", "gupta"], "there is no 'gupta': affectctl recipes lists them"),
    (["--model", "svm"], "svm tells quadrants apart: it goes with --target quadrant alone"),
    (["--model", "svm", "--target", "affect"], "--target quadrant alone"),
    (["--model", "ridge", "--target", "quadrant"], "a ridge tells no quadrants apart"),
    (["--target", "mood"], "affect"),
    (["--select", "pearson:0"], "pearson:0"),
    (["--input", "logmel", "--model", "cnn", "--select", "lasso"], "--select: a cnn reads whole images"),
    (["--model", "cnn", "--fine-tune"], "--fine-tune trains layers of MusiCNN"),
    (["--select", "best"], "pearson:N, shap:N"),
    (["--select", "pca:3", "--fine-tune"], "--select and --target quadrant go with neither --fine-tune"),
    (["--target", "quadrant", "--augment", "venue"], "--select and --target quadrant go with neither"),
    (["--input", "table:"], "expected a file after 'table:'"),
  ])
  func whatFitsNoSystemIsRefused(_ options: [String], _ text: String) throws {
    let result = try songs.train(options)
    #expect(result.status == 64 && result.errors.contains(text), "\(result.status) \(result.errors)")
  }

  @Test func recipesAreListedOneALine() throws {
    let result = try songs.run(["recipes"])
    let names = result.lines.map { String($0.prefix { $0 != " " }) }
    #expect(result.status == 0 && names.count > 20 && Set(names).count == names.count)
    #expect(names.contains("gupta-forest") && names.contains("louro-svm") && names.contains("lyu-mlp"))
    #expect(names.contains("cao-svr") && names.contains("qiu-forest") && names.contains("both-boosting"))
    for line in result.lines { #expect(line.contains(" × "), "\(line)") }
    #expect(result.lines.contains { $0.hasPrefix("gupta-xgb ") && $0.contains("; published: R² .554 / .527") })
  }

  // MARK: - Comparisons

  @Test func recipesAreScoredOnFolds() throws {
    try songs.write()
    let table = directory.file("p.csv")
    let result = try songs.run([
      "compare", songs.data, "--cache", directory.file("cache"), "--folds", "3", "--scores", "entropy",
      "--recipes", "gupta-ridge,gupta-lasso,gupta-xgb,lyu-mlp", "--predictions", table,
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("lyu-mlp is left out: OpenL3 needs --weights"), "\(result.errors)")
    #expect(!result.output.contains("lyu-mlp"))
    #expect(result.lines.contains { $0.hasPrefix("system ") && $0.hasSuffix("entropy") }, "\(result.output)")
    #expect(result.lines.contains("Published beside these:"))
    #expect(result.lines.contains { $0.hasPrefix("  gupta-xgb: R² .554 / .527;") })

    let text = try String(contentsOfFile: table, encoding: .utf8)
    let lines = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(
      lines[0].joined(separator: ",")
        == "system,repeat,fold,song,valence,arousal,predicted_valence,predicted_arousal,quadrant,predicted_quadrant")
    for name in ["gupta-ridge", "gupta-lasso", "gupta-xgb"] {
      let rows = lines.filter { $0[0] == name }
      #expect(rows.allSatisfy { $0.count == 10 && $0[1] == "1" } && Set(rows.map { $0[2] }) == ["1", "2", "3"])
      #expect(rows.compactMap { Int($0[3]) }.sorted() == Array(1...12))
      let row = try #require(result.lines.first { $0.hasPrefix("\(name) ") })
      let scores = row.dropFirst(name.count).split(separator: "]").map {
        $0.split(separator: " ").first.flatMap { Double($0) }
      }
      for (dimension, column) in [4, 5].enumerated() {
        let pairs = rows.compactMap { row in
          Double(row[column]).flatMap { label in Double(row[column + 2]).map { (label, $0) } }
        }
        let r = try #require(scores[dimension], "\(row)")
        #expect(pairs.count == 12 && abs(correlation(pairs) - r) < 6e-4, "\(row)")
      }
    }
    #expect(lines.count == 1 + 36)
  }

  @Test func aSystemOfOnesOwnIsScoredOnFolds() throws {
    try songs.writeQuadrants()
    let table = directory.file("p.csv")
    let result = try songs.run([
      "compare", songs.quadrants, "--cache", directory.file("cache"), "--folds", "3", "--repeats", "2", "--split",
      "song",
      "--input", "librosa", "--model", "forest", "--select", "pearson:15", "--target", "quadrant",
      "--predictions", table,
    ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.lines.contains { $0.hasPrefix("forest ") }, "\(result.output)")
    // The confusion is of each song once, though each is scored twice.
    let confusion = (1...4).map { quadrant in
      result.lines.first { $0.hasPrefix("quadrant \(quadrant)") }?.split(separator: " ").compactMap { Int($0) } ?? []
    }
    #expect(confusion.allSatisfy { $0.dropFirst().prefix(4).reduce(0, +) == 3 }, "\(result.output)")
    let rows = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    #expect(rows.count == 24)
    for (quadrant, counts) in confusion.enumerated() {
      let own = rows.filter { $0[1] == "1" && $0[8] == "\(quadrant + 1)" }
      #expect(Set(own.map { $0[3] }) == Set((0..<3).map { "s\(quadrant + 1)\($0)" }))
      for predicted in 1...4 {
        #expect(own.count { $0[9] == "\(predicted)" } == counts.dropFirst()[predicted], "\(rows) \(confusion)")
      }
    }
  }

  @Test(arguments: [
    (["--recipes", "nothing"], "there is no recipe or paper 'nothing': affectctl recipes lists them"),
    (["--recipes", "gupta,nothing"], "there is no recipe or paper 'nothing'"),
    (["--recipes", ""], "no recipe is named"),
    (["--recipes", "gupta", "--model", "ridge"], "--recipes says all that --model"),
    (["--recipes", "gupta", "--folds", "1"], "--folds: expected a number from 2 to 20"),
    (["--recipes", "gupta", "--split", "frame"], "by artist or by song"),
    (["--recipes", "gupta", "--json"], "--json"),
    (["--predictions", "p.csv"], "--scores, --predictions and --samples go with --recipes or --model"),
  ])
  func whatCannotBeComparedIsRefused(_ options: [String], _ text: String) throws {
    let result = try songs.run(["compare", songs.data] + options)
    #expect(result.status == 64 && result.errors.contains(text), "\(result.status) \(result.errors)")
  }

  @Test func whereNoSystemCanBeScoredTheReasonsAreTold() throws {
    try songs.write()
    let none = try songs.run(["compare", songs.data, "--recipes", "lyu-mlp,louro-svm"])
    #expect(none.status == 65 && none.errors.contains("none of the systems could be scored"), "\(none.errors)")
    #expect(none.errors.contains("louro-svm is left out: ") && none.errors.contains("top100_features.csv"))
    let one = try songs.run(["compare", songs.data, "--recipes", "lyu-mlp"])
    #expect(one.status == 64 && one.errors.contains("OpenL3 needs --weights"), "\(one.errors)")
  }

  // MARK: - Tables of features

  private func writeTable() throws {
    var table = "song_id,loudness,noise\n"
    for song in 1...11 { table += "\(song),\(song),\((song * 7) % 5)\n" }
    try songs.write(table, to: "\(songs.data)/features.csv")
  }

  @Test func aTableOfFeaturesIsTrainedOnButDoesNotRunLive() throws {
    try songs.write()
    try writeTable()
    let trained = try songs.train(["--input", "table:features.csv", "--model", "lasso"])
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.errors.contains("song 12: is left out: it has no row in the table"), "\(trained.errors)")
    let card = try card()
    #expect(card.contains("embedding: table-features-2") && card.contains("Input: table:features.csv"), "\(card)")
    #expect(card.contains("data: 11 songs"), "\(card)")
    for program in [
      ["affectd", "--check"], ["affectctl", "analyze", "\(songs.data)/audio/1.flac"],
      ["affectctl", "evaluate", songs.data],
    ] {
      let result = try Program.run(program[0], program.dropFirst() + ["--model", songs.model])
      #expect(result.status == 65)
      #expect(
        result.errors.contains(
          "the model 'm' reads features that another program computed ('table-features-2'), and not audio"),
        "\(result.errors)")
    }
    let explained = try songs.run(["card", songs.model, "--shap", songs.data])
    #expect(explained.status == 65 && explained.errors.contains("hears 'table-features-2'"), "\(explained.errors)")
  }

  @Test(arguments: [
    (["--also", "x"], "--also"), (["--augment", "venue"], "--augment"), (["--label-shift", "auto"], "--label-shift"),
    (["--fine-tune"], "--fine-tune"),
  ])
  func whatATableDoesNotHaveIsRefused(_ options: [String], _ text: String) throws {
    try songs.write()
    try writeTable()
    let also = directory.file("x")
    try FileManager.default.copyItem(atPath: songs.data, toPath: also)
    let result = try songs.train(
      ["--input", "table:features.csv", "--model", "mlp", "--epochs", "1"] + options.map { $0 == "x" ? also : $0 })
    #expect(result.status == 64 && result.errors.contains(text), "\(result.status) \(result.errors)")
  }

  // MARK: - Contributions

  /// What `--shap` prints: the rows of each output.
  private func contributions(of data: String) throws -> [(title: String, rows: [(strength: Double, name: String)])] {
    let result = try songs.run(["card", songs.model, "--shap", data])
    #expect(result.status == 0, "\(result.errors)")
    var outputs: [(title: String, rows: [(strength: Double, name: String)])] = []
    for line in result.lines {
      if !line.hasPrefix(" ") {
        outputs.append((String(line.prefix { $0 != ":" }), []))
      } else {
        let fields = line.split(separator: " ").map(String.init)
        try #require(fields.count == 3 && !outputs.isEmpty, "\(line)")
        outputs[outputs.count - 1].rows.append((try #require(Double(fields[0])), fields[2]))
      }
    }
    return outputs
  }

  private func expectAList(_ rows: [(strength: Double, name: String)]) {
    #expect((1...20).contains(rows.count) && Set(rows.map(\.name)).count == rows.count)
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.strength >= $1.strength }, "\(rows)")
    #expect(rows.allSatisfy { $0.name.contains("_") && ($0.name.hasSuffix("_mean") || $0.name.hasSuffix("_std")) })
  }

  @Test func whatMovesAModelIsTold() throws {
    try songs.write()
    try songs.writeQuadrants()
    for kind in ["forest", "lasso"] {
      #expect(try songs.train(["--input", "librosa", "--model", kind]).status == 0)
      let outputs = try contributions(of: songs.data)
      #expect(outputs.map(\.title) == ["Valence", "Arousal"])
      for output in outputs { expectAList(output.rows) }
      // Of other music, too, whose labels nobody needs.
      #expect(try contributions(of: songs.quadrants).count == 2)
    }
    let options = ["--input", "librosa", "--model", "forest", "--target", "quadrant"]
    #expect(try songs.train(options, on: songs.quadrants).status == 0)
    let quadrants = try contributions(of: songs.quadrants)
    #expect(quadrants.map(\.title) == (1...4).map { "Quadrant \($0)" })
    for quadrant in quadrants { expectAList(quadrant.rows) }

    #expect(try songs.train(["--input", "librosa", "--model", "mlp", "--epochs", "1"]).status == 0)
    let network = try songs.run(["card", songs.model, "--shap", songs.data])
    #expect(network.status == 65, "\(network.errors)")
    #expect(
      network.errors.contains("the model 'm' is of the kind 'mlp': what its inputs contribute can be told of ridge"))
    #expect(try songs.train(["--input", "librosa", "--model", "lasso", "--select", "pca:3"]).status == 0)
    let mixed = try songs.run(["card", songs.model, "--shap", songs.data])
    #expect(mixed.status == 65 && mixed.errors.contains("mixes its inputs"), "\(mixed.errors)")
    // By default, ridge regression hears more of MusiCNN than its embedding.
    #expect(try songs.train(["--model", "ridge"]).status == 0)
    let tonal = try songs.run(["card", songs.model, "--shap", songs.data])
    #expect(
      tonal.status == 65 && tonal.errors.contains("hears more of the music than MusiCNN's embedding"), "\(tonal.errors)"
    )
  }

  // MARK: - Scores

  @Test func aModelOfQuadrantsIsScoredOnAnyLabels() throws {
    try songs.write()
    try songs.writeQuadrants()
    // The quadrants follow from the labels over time.
    let trained = try songs.train(["--input", "librosa", "--model", "forest", "--target", "quadrant"])
    #expect(trained.status == 0, "\(trained.errors)")
    let options = ["--model", songs.model, "--embedding", "librosa"]
    let overTime = try songs.run(["evaluate", songs.data] + options)
    #expect(overTime.status == 0 && overTime.lines.first?.hasPrefix("12 songs with labels over time, ") == true)
    #expect(overTime.lines.contains { $0.hasPrefix("m ") }, "\(overTime.output)")
    let ofQuadrants = try songs.run(["evaluate", songs.quadrants] + options)
    #expect(ofQuadrants.lines.first?.hasPrefix("12 songs with a quadrant each") == true, "\(ofQuadrants.errors)")
    // And the other way round.
    #expect(try songs.train(["--input", "librosa", "--model", "lasso"]).status == 0)
    let other = try songs.run(["evaluate", songs.quadrants] + options)
    #expect(other.status == 0 && other.lines.contains { $0.hasPrefix("m ") }, "\(other.errors)")
  }
}

private func correlation(_ pairs: [(Double, Double)]) -> Double {
  let count = Double(pairs.count)
  let first = pairs.reduce(0) { $0 + $1.0 } / count
  let second = pairs.reduce(0) { $0 + $1.1 } / count
  let product = pairs.reduce(0) { $0 + ($1.0 - first) * ($1.1 - second) }
  let squares = pairs.reduce((0, 0)) {
    ($0.0 + ($1.0 - first) * ($1.0 - first), $0.1 + ($1.1 - second) * ($1.1 - second))
  }
  return product / (squares.0 * squares.1).squareRoot()
}
