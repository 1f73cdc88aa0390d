import Foundation
import Platform
import TestSupport
import Testing

/// `affectctl train`, `evaluate`, `compare` and `card`, run on a small folder of synthetic music.
@Suite struct TrainingCommandTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it
  private var songs: GeneratedSongs { GeneratedSongs(directory: directory) }
  private var data: String { songs.data }

  private func run(_ arguments: [String]) throws -> Program.Result { try songs.run(arguments) }

  private func train(_ arguments: [String]) throws -> Program.Result { try songs.train(arguments) }

  @Test func quadrantsOfAnotherFolderAreTrainedOn() throws {
    try songs.write()
    let also = directory.file("also")
    try FileManager.default.createDirectory(atPath: "\(also)/audio", withIntermediateDirectories: true)
    for song in ["a", "b", "c"] {
      try FileManager.default.copyItem(atPath: "\(data)/audio/1.flac", toPath: "\(also)/audio/\(song).flac")
    }
    try Data("song_id,quadrant,artist\na,1,one\nb,3,two\nc,9,three\n".utf8)
      .write(to: URL(filePath: "\(also)/quadrants.csv"))
    let trained = try train(["--epochs", "2", "--also", also, "--quadrant-weight", "0.5"])
    #expect(trained.status == 0 && trained.errors.contains("quadrant is '9'"), "\(trained.errors)")
    let card = try run(["card", directory.file("m.safetensors")]).output
    #expect(card.contains("data: 12 songs, 2 more with a quadrant each at weight 0.5 (some of also)"), "\(card)")
    // What does not count is not trained on, and not said to be.
    #expect(try train(["--epochs", "2", "--also", also, "--quadrant-weight", "0"]).status == 0)
    #expect(!(try run(["card", directory.file("m.safetensors")]).output.contains("with a quadrant each")))
    let compared = try run(["compare", data, "--also", also])
    #expect(compared.status == 64 && compared.errors.contains("--also"), "\(compared.errors)")
    // Nothing says how good a model is on quadrants alone.
    let alone = try run(["train", also, "--out", directory.file("n.safetensors"), "--cache", directory.file("cache")])
    #expect(alone.status == 65 && alone.errors.contains("nothing but quadrants"), "\(alone.errors)")
  }

  @Test func songsWithAQuadrantAloneAreScoredByTheSignsOfTheirValues() throws {
    try songs.write()
    #expect(try train(["--model", "ridge"]).status == 0)
    let model = ["--model", directory.file("m.safetensors")]
    // Each song lies in the quadrant of the model's mean values, but for the last one, which lies in the next.
    let quadrants = directory.file("quadrants")
    var confusion = Array(repeating: Array(repeating: 0, count: 4), count: 4)
    let numbers = [1, 4, 7, 10, 12]
    for song in numbers {
      let curve = try run(["analyze", "\(data)/audio/\(song).flac"] + model)
      let values = curve.lines.dropFirst().compactMap { line in
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        return fields[1].flatMap { valence in fields[2].map { (valence: valence, arousal: $0) } }
      }
      try #require(values.count >= 4)
      let isPositive = values.reduce(0) { $0 + $1.valence } >= 0
      let isExcited = values.reduce(0) { $0 + $1.arousal } >= 0
      let predicted = isExcited ? (isPositive ? 0 : 1) : (isPositive ? 3 : 2)
      let label = song == numbers.last ? (predicted + 1) % 4 : predicted
      confusion[label][predicted] += 1
      let folder = "\(quadrants)/Q\(label + 1)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(data)/audio/\(song).flac", toPath: "\(folder)/\(song).flac")
    }
    let table = try run(["evaluate", quadrants] + model)
    #expect(table.status == 0, "\(table.errors)")
    #expect(table.lines.first == "5 songs with a quadrant each, against the signs of the mean of the values:")
    #expect(table.lines.contains { $0.contains("macro-F1") && $0.contains("accuracy") }, "\(table.lines)")
    #expect(table.lines.contains { $0.hasPrefix("m ") && $0.contains(" 0.800 [") }, "\(table.lines)")
    for (label, counts) in confusion.enumerated() {
      let row = try #require(table.lines.first { $0.hasPrefix("quadrant \(label + 1)") }, "\(table.lines)")
      #expect(row.split(separator: " ")[2...5].compactMap { Int($0) } == counts)
    }
    #expect(!table.output.contains("confidence"))

    let scored = try run(["evaluate", quadrants, "--json"] + model)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(scored.lines.joined().utf8)) as? [String: Any])
    #expect((object["results"] as? [Any])?.isEmpty == true)
    let result = try #require(object["quadrants"] as? [String: Any])
    #expect(result["model"] as? String == "m" && result["songs"] as? Int == 5)
    #expect(result["accuracy"] as? Double == 0.8 && result["confusion"] as? [[Int]] == confusion)
    let interval = try #require((result["intervals"] as? [String: Any])?["accuracy"] as? [Double])
    #expect(interval.count == 2 && interval[0] < 0.8 && interval[1] == 1)

    let drawn = try run(["evaluate", quadrants, "--plot", directory.file("m.svg")] + model)
    #expect(drawn.status == 65 && drawn.errors.contains("leave --plot out"), "\(drawn.errors)")
  }

  @Test func aTrainedModelIsScoredAndRuns() throws {
    try songs.write()
    let trained = try train(["--epochs", "4", "--curve", directory.file("curve.svg")])
    #expect(trained.status == 0, "\(trained.errors)")
    let table = trained.lines.joined(separator: "\n")
    for row in ["mlp ", "ridge ", "constant mean", "song-mean oracle", "expected calibration error"] {
      #expect(table.contains(row), "\(table)")
    }
    let curve = try String(contentsOfFile: directory.file("curve.svg"), encoding: .utf8)
    #expect(curve.hasPrefix("<svg") || curve.hasPrefix("<?xml"))

    let card = try run(["card", directory.file("m.safetensors")])
    #expect(card.status == 0)
    for text in ["model: mlp", "embedding: musicnn-msd-200", "data: 12 songs", "Split: by artist", "Settings: adamw"] {
      #expect(card.lines.joined(separator: "\n").contains(text), "\(card.lines)")
    }

    let scored = try run(["evaluate", data, "--model", directory.file("m.safetensors"), "--json"])
    #expect(scored.status == 0, "\(scored.errors)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(scored.lines.joined().utf8)) as? [String: Any])
    let results = try #require(object["results"] as? [[String: Any]])
    #expect(
      results.map { $0["model"] as? String } == ["m", "before smoothing", "mean of these labels", "song-mean oracle"])
    #expect(results[0]["songs"] as? Int == 12)
    // Ticks from 3.5 to 5 s.
    #expect(results[0]["frames"] as? Int == 48)
    let reliability = try #require(results[0]["reliability"] as? [String: Any])
    #expect(reliability["expected_calibration_error"] is Double)

    let curveOfFile = try run(["analyze", "\(data)/audio/12.flac", "--model", directory.file("m.safetensors")])
    let row = try #require(curveOfFile.lines.last?.split(separator: ",", omittingEmptySubsequences: false))
    #expect(curveOfFile.lines[0].split(separator: ",").last == "confidence")
    #expect(try #require(row.last.flatMap { Double($0) }) > 0)
  }

  @Test func aFineTunedEnsembleRunsWithItsOwnLayers() throws {
    try songs.write()
    let trained = try train(["--fine-tune", "--members", "3", "--epochs", "1"])
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(trained.lines.joined().contains("12 songs, each scored by the one network of 3"))
    let picture = directory.file("m.svg")
    let scored = try run(["evaluate", data, "--model", directory.file("m.safetensors"), "--plot", picture])
    #expect(try String(contentsOfFile: picture, encoding: .utf8).contains("class=\"confusion\""))
    #expect(
      scored.status == 0 && scored.lines.first == "12 songs with labels over time, 48 labels:", "\(scored.errors)")
  }

  /// What needs no network trains as well, and the daemon publishes what `analyze` writes.
  @Test(arguments: ["librosa", "librosa-346+musicnn"])
  func aModelOfDescriptorsRunsLive(embedding: String) throws {
    try songs.write()
    let trained = try train(["--embedding", embedding, "--model", "ridge"])
    #expect(trained.status == 0, "\(trained.errors)")
    try songs.expectTheSameLive("\(data)/audio/12.flac", input: embedding)
  }

  /// A second training takes the embeddings from the cache: it does not even look into the audio.
  @Test func embeddingsAreComputedOnce() throws {
    try songs.write()
    let first = try train(["--model", "ridge"])
    let model = try Data(contentsOf: URL(filePath: directory.file("m.safetensors")))
    let cached = try FileManager.default.subpathsOfDirectory(atPath: directory.file("cache"))
      .filter { $0.hasSuffix(".safetensors") }
    #expect(cached.count == 12)
    // What stands in the cache is what is trained on.
    for name in cached.prefix(6) { try FileManager.default.removeItem(atPath: directory.file("cache/\(name)")) }
    let second = try train(["--model", "ridge"])
    #expect(first.status == 0 && second.status == 0)
    // Ridge regression is not its own floor: a row in the table of scores, and one by song.
    #expect(first.lines.count { $0.hasPrefix("ridge ") } == 2)
    #expect(try Data(contentsOf: URL(filePath: directory.file("m.safetensors"))) == model)
  }

  @Test func offlineModelsAreScoredButDoNotRunLive() throws {
    try songs.write()
    #expect(try train(["--model", "bilstm", "--epochs", "1"]).status == 0)
    let model = directory.file("m.safetensors")
    let scored = try run(["evaluate", data, "--model", model])
    #expect(scored.status == 0, "\(scored.errors)")
    let refused = try run(["analyze", "\(data)/audio/1.flac", "--model", model])
    #expect(refused.status == 65 && refused.errors.contains("bilstm"), "\(refused.errors)")
  }

  @Test func compareSetsAllKindsSideBySide() throws {
    try songs.write()
    let result = try run(["compare", data, "--cache", directory.file("cache"), "--epochs", "1"])
    #expect(result.status == 0, "\(result.errors)")
    let text = result.lines.joined(separator: "\n")
    let kinds = ["ridge", "mlp ", "gru", "causal-transformer", "bilstm", "transformer", "mlp, fine-tuned"]
    for row in kinds {
      #expect(result.lines.count { $0.hasPrefix(row) } >= 2, "\(row): \(text)")
    }
    #expect(text.contains("By artist, ") && text.contains("By frame, ") && text.contains("Warning: "))
    #expect(text.contains("0.878 / 0.909"))
  }

  @Test func aSongThatCannotBeReadIsToldOfAndTheRestGoesOn() throws {
    try songs.write()
    try Data("no audio".utf8).write(to: URL(filePath: "\(data)/audio/3.flac"))
    let result = try train(["--model", "ridge"])
    #expect(result.status == 0)
    #expect(result.errors.contains("song 3: is left out"), "\(result.errors)")
    let scored = try run(["evaluate", data, "--model", directory.file("m.safetensors")])
    #expect(scored.errors.contains("song 3: is not scored"), "\(scored.errors)")
    #expect(scored.lines.first == "11 songs with labels over time, 44 labels:")
  }

  @Test func whatCannotBeTrainedIsRefusedWithTheReason() throws {
    let missing = try train([])
    #expect(missing.status == 66 && missing.errors.contains(data), "\(missing.status) \(missing.errors)")
    try songs.write(4)
    let few = try train(["--model", "ridge"])
    #expect(few.status == 65 && few.errors.contains("too few"), "\(few.status) \(few.errors)")
    let members = try train(["--members", "2"])
    #expect(members.status == 64 && members.errors.contains("--members"))
    let tuned = try train(["--fine-tune", "--model", "ridge"])
    #expect(tuned.status == 64 && tuned.errors.contains("--fine-tune"))
    // Told before anything is trained.
    let nowhere = try run(["train", data, "--out", directory.file("none/m.safetensors")])
    #expect(nowhere.status == 73 && nowhere.lines.isEmpty, "\(nowhere.status) \(nowhere.errors)")
    #expect(nowhere.errors.hasSuffix("none/m.safetensors: cannot be written: No such file or directory\n"))
    let kind = try train(["--model", "oracle"])
    #expect(kind.status == 64 && kind.errors.contains("causal-transformer"))
  }

  /// Ctrl-C ends the training; the best model so far is written.
  @Test func anInterruptedTrainingKeepsItsModel() throws {
    try songs.write()
    let pipe = try OwnedPipe()
    let process = try Program.start(
      "affectctl",
      [
        "train", data, "--cache", directory.file("cache"), "--out", directory.file("m.safetensors"), "--epochs",
        "10000",
        // It has no patience: without the signal it would go on for minutes.
        "--model", "gru",
      ], errors: pipe.writing)
    pipe.closeWriting()
    let reader = LineReader(descriptor: pipe.reading, keeping: pipe)
    var lines: [String] = []
    while let line = try reader.next() {
      lines.append(line)
      if line.hasPrefix("affectctl: epochs: ") && line.contains(" of 10000, ") { process.signal(SIGINT) }
    }
    #expect(process.wait() == 0)
    #expect(lines.contains { $0.contains("stopped: the best model so far is kept") }, "\(lines)")
    #expect(try run(["card", directory.file("m.safetensors")]).lines.contains("model: gru"))
  }
}
