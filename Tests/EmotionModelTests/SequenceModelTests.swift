import Affect
import EmotionModel
import NeuralNetwork
import Platform
import TestSupport
import Testing

/// Every kind of model against its plain evaluation over the whole sequence.
@Suite struct SequenceModelTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func live(_ model: RandomModel, hop: Double? = nil) throws -> any EmotionRegressor {
    try EmotionModelFile.load(
      model.write(to: directory.file("model.safetensors")), embedding: RandomModel.embedding,
      dimension: model.sizes.inputs, hop: Hop(seconds: hop ?? model.sizes.step)!)
  }

  private func largestDifference(_ predictions: [EmotionPrediction], _ outputs: [PlainEvaluation.Output]) -> Double {
    precondition(predictions.count == outputs.count && !outputs.isEmpty)
    return zip(predictions, outputs).map { $1.difference(from: $0) }.max() ?? .infinity
  }

  @Test(arguments: EmotionModelKind.allCases, 0..<6)
  func aWholeSequenceAgreesWithThePlainEvaluation(kind: EmotionModelKind, seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let model = RandomModel(kind, .init(using: &generator), seed: seed)
    let sequence = model.sequence(.random(in: 1...40, using: &generator), seed: seed)
    let regressor = try EmotionModelFile.loadForSequences(
      model.write(to: directory.file("model.safetensors")), embedding: RandomModel.embedding,
      dimension: model.sizes.inputs)
    let difference = largestDifference(
      regressor.estimate(sequence: sequence), PlainEvaluation(model: model).outputs(of: sequence))
    #expect(difference < 1e-5, "\(kind) \(model.sizes): \(difference)")
    #expect(regressor.estimate(sequence: []).isEmpty)
  }

  @Test(arguments: EmotionModelKind.allCases.filter(\.isLive), 0..<6)
  func stepByStepAgreesWithTheWholeSequence(kind: EmotionModelKind, seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(200 + seed))
    let model = RandomModel(kind, .init(using: &generator), seed: seed)
    let sequence = model.sequence(40, seed: seed)
    var regressor = try live(model)
    let predictions = sequence.map { regressor.estimate(from: $0) }
    let difference = largestDifference(predictions, PlainEvaluation(model: model).outputs(of: sequence))
    #expect(difference < 1e-5, "\(kind) \(model.sizes): \(difference)")
    #expect(Set(predictions.map(\.affect.valence)).count > 1)
  }

  @Test func theCausalTransformerSeesItsSpanAndNoMore() throws {
    var sizes = RandomModel.Sizes()
    sizes.span = 8
    let model = RandomModel(.causalTransformer, sizes)
    let sequence = model.sequence(200, seed: 0)
    var regressor = try live(model)
    let predictions = sequence.map { regressor.estimate(from: $0) }
    #expect(largestDifference(predictions, PlainEvaluation(model: model).outputs(of: sequence)) < 1e-5)
    let unbounded = PlainEvaluation(model: model, span: 200).outputs(of: sequence)
    #expect(largestDifference(predictions, unbounded) > 1e-3)
    // What lies further back than all blocks reach has left no trace.
    let reach = sizes.blocks * (sizes.span - 1) + 1
    var late = try live(model)
    let lastOnes = sequence.suffix(reach).map { late.estimate(from: $0) }
    let (whole, part) = (try #require(predictions.last), try #require(lastOnes.last))
    #expect(abs(whole.affect.valence - part.affect.valence) < 1e-5)
    #expect(abs(whole.affect.arousal - part.affect.arousal) < 1e-5)
  }

  @Test(arguments: EmotionModelKind.allCases.filter(\.isLive))
  func ticksBetweenTheStepsBelongToSequencesOfTheirOwn(kind: EmotionModelKind) throws {
    let model = RandomModel(kind)
    let ticks = model.sequence(60, seed: 1)
    var regressor = try live(model, hop: 0.1)
    let predictions = ticks.map { regressor.estimate(from: $0) }
    for first in 0..<5 {
      let own = stride(from: first, to: ticks.count, by: 5)
      let expected = PlainEvaluation(model: model).outputs(of: own.map { ticks[$0] })
      #expect(largestDifference(own.map { predictions[$0] }, expected) < 1e-5)
    }
    // A sequence model that took all ticks for one sequence would say something else.
    let asOne = largestDifference(predictions, PlainEvaluation(model: model).outputs(of: ticks))
    #expect(kind.isSequential ? asOne > 1e-3 : asOne < 1e-5)
  }

  @Test(arguments: [EmotionModelKind.gru, .causalTransformer])
  func aSkippedTickIsMissingFromItsOwnSequenceOnly(kind: EmotionModelKind) throws {
    let model = RandomModel(kind)
    let ticks = model.sequence(20, seed: 2)
    let skipped = [7, 8, 12]
    var regressor = try live(model, hop: 0.25)
    var predictions: [Int: EmotionPrediction] = [:]
    for (tick, embedding) in ticks.enumerated() {
      if skipped.contains(tick) { regressor.skip() } else { predictions[tick] = regressor.estimate(from: embedding) }
    }
    for first in 0..<2 {
      let own = stride(from: first, to: ticks.count, by: 2).filter { !skipped.contains($0) }
      let expected = PlainEvaluation(model: model).outputs(of: own.map { ticks[$0] })
      #expect(largestDifference(own.compactMap { predictions[$0] }, expected) < 1e-5)
    }
  }

  @Test(arguments: [EmotionModelKind.gru, .causalTransformer])
  func aRestartForgetsEverySequence(kind: EmotionModelKind) throws {
    let model = RandomModel(kind)
    let ticks = model.sequence(15, seed: 3)
    var regressor = try live(model, hop: 0.25)
    let fresh = ticks.map { regressor.estimate(from: $0) }
    let going = ticks.map { regressor.estimate(from: $0) }
    regressor.restart()
    #expect(ticks.map { regressor.estimate(from: $0) } == fresh)
    #expect(going != fresh)
  }

  @Test(arguments: [EmotionModelKind.gru, .causalTransformer])
  func aCopyFollowsAStreamOfItsOwn(kind: EmotionModelKind) throws {
    let model = RandomModel(kind)
    let ticks = model.sequence(10, seed: 4)
    var first = try live(model)
    var second = first
    let alone = ticks.map { first.estimate(from: $0) }
    #expect(ticks.map { second.estimate(from: $0) } == alone)
  }

  @Test func theStepIsAMultipleOfTheHop() throws {
    var sizes = RandomModel.Sizes()
    sizes.step = 0.7
    for hop in [0.05, 0.07, 0.1, 0.35, 0.7] {
      _ = try live(RandomModel(.gru, sizes), hop: hop)
    }
    for hop in [0.3, 0.5, 0.71, 1.4, 5] {
      let error = #expect(throws: Failure.self) { try live(RandomModel(.gru, sizes), hop: hop) }
      let text = error?.description ?? ""
      #expect(text.contains("'chance'") && text.contains("0.7 s") && text.contains("\(hop) s"), "\(text)")
      #expect(text.contains("choose a hop"))
      // What looks at each tick by itself does not care.
      _ = try live(RandomModel(.mlp, sizes), hop: hop)
      _ = try live(RandomModel(.ridge, sizes), hop: hop)
    }
  }
}
