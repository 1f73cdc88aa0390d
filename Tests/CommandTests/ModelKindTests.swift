import Foundation
import NeuralNetwork
import Platform
import TestSupport
import Testing

/// Models of all kinds in the two programs, run as a user does.
@Suite struct ModelKindTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private typealias Tensors = [(name: String, tensor: Tensor)]

  private static let resources = "\(Program.directory)/affectd_ShippedModels.resources"

  private func write(_ name: String, _ tensors: Tensors, _ metadata: [String: String]) throws -> String {
    let card = ["embedding": "musicnn-msd-200", "range": "-1..1"].merging(metadata) { $1 }
    let path = directory.file(name)
    try SafetensorsWriter.write(tensors, metadata: card, to: path)
    return path
  }

  private func random(_ shapes: [String: [Int]]) -> Tensors {
    var generator = SeededGenerator(seed: 3)
    return shapes.sorted { $0.key < $1.key }.map { name, shape in
      let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
      return (name, Tensor(shape: shape, values: values))
    }
  }

  private let normalization: Tensors = [
    ("normalisation.mean", Tensor(zeros: [200])),
    ("normalisation.scale", Tensor(shape: [200], values: Array(repeating: 1, count: 200))),
  ]

  private func recurrentModel() throws -> String {
    let tensors = random([
      "gru.0.weight_ih": [12, 200], "gru.0.weight_hh": [12, 4], "gru.0.bias_ih": [12], "gru.0.bias_hh": [12],
      "output.weight": [2, 4], "output.bias": [2], "uncertainty.weight": [2, 4], "uncertainty.bias": [2],
    ])
    return try write(
      "gru.safetensors",
      normalization + tensors + [("confidence", Tensor(shape: [2], values: [1, 3]))], ["model": "gru", "step_s": "0.5"])
  }

  private func music() throws -> String {
    let path = directory.file("music.wav")
    try SoundFileWriter.write(TestSignal.music(seconds: 6, rate: 16_000), rate: 16_000, format: .wav16, to: path)
    return path
  }

  /// The rows without the header.
  private func rows(_ arguments: [String]) throws -> [[String]] {
    let result = try Program.run("affectctl", ["analyze", music()] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    return result.lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func aRecurrentModelWithAConfidenceDrawsACurve() throws {
    let model = try recurrentModel()
    let curve = try rows(["--model", model, "--hop", "0.25", "--smoothing", "none"])
    #expect(curve.count == 24)
    // The first patch of 3.008 s is complete at 3.25 s.
    for row in curve.prefix(12) { #expect(row.count == 11 && row[10] == "") }
    for row in curve.dropFirst(12) { #expect((0...1).contains(Double(row[10]) ?? .nan)) }
    #expect(Set(curve.dropFirst(12).map { $0[10] }).count > 6)
    // At twice the hop every other tick is left, and with it one of the two sequences that were followed.
    let step = try rows(["--model", model, "--smoothing", "none"])
    #expect(step.count == 12)
    for (index, row) in step.enumerated().dropFirst(6) {
      let same = curve[2 * index + 1]
      #expect(same[0] == row[0])
      for column in [1, 2, 10] {
        let (value, expected) = (try #require(Double(row[column])), try #require(Double(same[column])))
        #expect(abs(value - expected) < 1e-5)
      }
    }
  }

  @Test func aModelWithoutAConfidenceLeavesTheColumnEmpty() throws {
    let model = Fixture.path("starter-mlp.safetensors")
    for row in try rows(["--model", model]) { #expect(row.count == 11 && row[10] == "") }
  }

  @Test func theShippedModelSaysHowSureItIs() throws {
    let confidences = try rows([]).filter { $0[1] != "" }.map { Double($0[10]) }
    #expect(!confidences.isEmpty)
    #expect(confidences.allSatisfy { $0.map { (0...1).contains($0) } == true }, "\(confidences)")
  }

  @Test func aHopThatDoesNotDivideTheStepIsRefused() throws {
    let model = try recurrentModel()
    for program in [["affectctl", "analyze", try music()], ["affectd", "--check"]] {
      let result = try Program.run(program[0], program.dropFirst() + ["--model", model, "--hop", "0.3"])
      #expect(result.status == 65)
      #expect(result.errors.contains("a step every 0.5 s, which is no multiple of the hop of 0.3 s"))
    }
  }

  @Test func aModelThatNeedsTheWholePieceIsRefused() throws {
    let model = try write("whole.safetensors", normalization, ["model": "bilstm", "step_s": "0.5"])
    for program in [["affectctl", "analyze", try music()], ["affectd", "--check"]] {
      let result = try Program.run(program[0], program.dropFirst() + ["--model", model])
      #expect(result.status == 65)
      #expect(result.errors.contains("'bilstm'") && result.errors.contains("train a causal one"))
    }
  }

  /// MusiCNN's layers after its front end, out of its weights, as a model file has them.
  private func ownLayers() throws -> Tensors {
    let weights = try SafetensorsFile(path: "\(Self.resources)/musicnn-msd.safetensors")
    func vector(_ values: [Float]) -> Tensor { Tensor(shape: [values.count], values: values) }
    /// Batch normalisation as a factor and an addend.
    func folded(_ number: Int) throws -> (scale: Tensor, offset: Tensor) {
      let values = try ["gamma", "beta", "moving_mean", "moving_variance"].map {
        try weights.tensor("batch_normalization_\(number).\($0)").values
      }
      let scale = zip(values[0], values[3]).map { gamma, variance in gamma / (variance + 1e-3).squareRoot() }
      return (vector(scale), vector(scale.indices.map { values[1][$0] - values[2][$0] * scale[$0] }))
    }
    var tensors: Tensors = []
    for (index, inputs) in [561, 64, 64].enumerated() {
      let kernel = try weights.tensor("conv2d_\(5 + index).kernel").values
      let (scale, offset) = try folded(6 + index)
      tensors += [
        ("musicnn.mid.\(index).kernel", Tensor(shape: [7, inputs, 64], values: kernel)),
        ("musicnn.mid.\(index).bias", try weights.tensor("conv2d_\(5 + index).bias")),
        ("musicnn.mid.\(index).normalisation.scale", scale), ("musicnn.mid.\(index).normalisation.offset", offset),
      ]
    }
    let (scale, offset) = try folded(9)
    return try tensors + [
      ("musicnn.pooled.scale", scale), ("musicnn.pooled.offset", offset),
      ("musicnn.dense.weight", weights.tensor("dense.kernel").transposed()),
      ("musicnn.dense.bias", weights.tensor("dense.bias")),
    ]
  }

  @Test func aModelBringsLayersOfMusiCNN() throws {
    let shipped = try Fixture.tensors("starter-mlp.safetensors")
    let head = try shipped.tensorNames.map { (name: $0, tensor: try shipped.tensor($0)) }
    let layers = try ownLayers()
    let plain = try rows(["--model", shipped.path])
    let same = try write("same.safetensors", head + layers, ["model": "mlp"])
    #expect(try rows(["--model", same]) == plain)
    let short = try write("short.safetensors", head + layers, ["model": "mlp", "pooled_frames": "62"])
    let shortRows = try rows(["--model", short])
    #expect(shortRows.map { $0[0] } == plain.map { $0[0] } && shortRows != plain)
    // An ensemble whose members are alike says what each of them says.
    let members = ["members.0.", "members.1."].flatMap { prefix in (head + layers).map { (prefix + $0.name, $0.tensor) }
    }
    let twice = try write("twice.safetensors", members, ["model": "mlp", "members": "2"])
    #expect(try rows(["--model", twice]) == plain)
  }

  @Test func layersOfMusiCNNDoNotFitAnotherNetwork() throws {
    let embedding = "openl3-mel256-512"
    let head = random([
      "normalisation.mean": [512], "output.weight": [2, 512], "output.bias": [2],
    ])
    let scale: Tensors = [
      ("normalisation.scale", Tensor(shape: [512], values: Array(repeating: 1, count: 512)))
    ]
    let model = try write(
      "mixed.safetensors", head + scale + ownLayers(), ["model": "ridge", "embedding": embedding])
    let result = try Program.run(
      "affectctl",
      [
        "analyze", music(), "--embedding", "openl3", "--weights",
        Fixture.path("openl3-mel256-random-weights.safetensors"), "--model", model,
      ])
    #expect(result.status == 65)
    #expect(result.errors.contains("but the embedding is '\(embedding)'"))
  }
}
