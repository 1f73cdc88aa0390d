import Affect
import EmotionModel
import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// An ensemble of which some members have heard venues.
@Suite struct VenueGateTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Two members: the first says the first value, the second adds the second to it, as a valence.
  private func load(
    members: String? = "1", gate: String? = "0.25 0.1 0.3 0.1", kind: EmotionModelKind = .ridge, hop: Hop = .standard
  ) throws -> any EmotionRegressor {
    var sizes = RandomModel.Sizes()
    sizes.inputs = 2
    sizes.members = 2
    sizes.isUncertain = true
    var model = RandomModel(kind, sizes)
    if kind == .ridge {
      for (prefix, weight) in zip(model.prefixes, [Float(0), 1]) {
        model[prefix + "normalisation.mean"] = Tensor(zeros: [2])
        model[prefix + "normalisation.scale"] = Tensor(shape: [2], values: [1, 1])
        model[prefix + "output.weight"] = Tensor(shape: [2, 2], values: [1, weight, 0, 0])
        model[prefix + "output.bias"] = Tensor(zeros: [2])
        model[prefix + "uncertainty.weight"] = Tensor(zeros: [2, 2])
        let logarithm = Float(log(weight == 0 ? 0.01 : 0.03))
        model[prefix + "uncertainty.bias"] = Tensor(shape: [2], values: [logarithm, logarithm])
      }
    }
    model.metadata["venue_members"] = members
    model.metadata["venue_gate"] = gate
    return try EmotionModelFile.load(
      model.write(to: directory.file("model.safetensors")), embedding: RandomModel.embedding, dimension: 2, hop: hop)
  }

  @Test func whereTheKindsAgreeTheLeastWeightHolds() throws {
    var model = try load()
    // 0.2 beside 0.24: the distance stays below 0.1.
    let prediction = model.estimate(from: [0.2, 0.04])
    #expect(abs(prediction.affect.valence - (0.2 + 0.25 * 0.04)) < 1e-6)
    // 0.75 × 0.01 + 0.25 × 0.03 + 0.25 × 0.75 × 0.04².
    #expect(abs(Double(try #require(prediction.valenceDeviation)) - 0.0153.squareRoot()) < 1e-6)
  }

  @Test func overMinutesThoseThatHaveHeardVenuesAreBelieved() throws {
    var model = try load()
    // The start is worth 20 s, and a tick half a second: the mean is (20 · 0.1 + 0.5 · 0.5) / 20.5 after one.
    let first = model.estimate(from: [0, 0.5])
    let position = (((20 * 0.1 + 0.5 * 0.5) / 20.5) - 0.1) / 0.2
    let weight = 0.25 + 0.75 * position * position * (3 - 2 * position)
    #expect(abs(Double(first.affect.valence) - weight * 0.5) < 1e-6)
    var last = first
    for _ in 0..<200 {
      let next = model.estimate(from: [0, 0.5])
      #expect(next.affect.valence >= last.affect.valence && next.affect.valence - last.affect.valence < 0.02)
      last = next
    }
    #expect(last.affect.valence == 0.5)
  }

  @Test func whatIsNoMusicSaysNothingOfTheVenue() throws {
    var (model, other) = (try load(), try load())
    let before = model.estimate(from: [0, 0.5])
    _ = other.estimate(from: [0, 0.5])
    for _ in 0..<200 { _ = other.estimate(from: [0.1, 0.9], isMusic: false) }
    #expect(other.estimate(from: [0, 0.5]) == model.estimate(from: [0, 0.5]))
    #expect(other.estimate(from: [0, 0.5]) != before)
  }

  @Test func theVenueStaysWhenAStreamBegins() throws {
    var (model, other) = (try load(), try load())
    for _ in 0..<20 {
      _ = model.estimate(from: [0, 0.5])
      _ = other.estimate(from: [0, 0.5])
    }
    other.restart()
    #expect(model.estimate(from: [0.1, 0.2]) == other.estimate(from: [0.1, 0.2]))
    other.forgetVenue()
    var new = try load()
    #expect(new.estimate(from: [0.1, 0.2]) == other.estimate(from: [0.1, 0.2]))
  }

  @Test func timeCountsAndNotTicks() throws {
    var (seldom, often) = (try load(), try load(hop: #require(Hop(seconds: 0.05))))
    for _ in 0..<20 { _ = seldom.estimate(from: [0, 0.4]) }
    for _ in 0..<200 { _ = often.estimate(from: [0, 0.4]) }
    let (one, other) = (
      seldom.estimate(from: [0, 0.4], isMusic: false), often.estimate(from: [0, 0.4], isMusic: false)
    )
    #expect(one.affect.valence > 0.1 && abs(one.affect.valence - other.affect.valence) < 1e-6)
  }

  @Test func aPieceByItselfIsHeardFromTheStart() throws {
    let model = try load()
    let regressor = try #require(model as? any SequenceRegressor)
    var live = model
    let piece = (0..<30).map { [Float($0) / 50, 0.5] }
    let expected = piece.map { live.estimate(from: $0) }
    #expect(regressor.estimate(sequence: piece) == expected && regressor.estimate(sequence: piece) == expected)
  }

  @Test(arguments: ["0", "2", "17", "x"])
  func theyAreFewerThanAllMembers(_ members: String) throws {
    #expect { _ = try load(members: members) } throws: { "\($0)".contains("venue_members") }
  }

  @Test(arguments: [
    nil, "", "0.25 0.1 0.3", "1.5 0.1 0.3 0.1", "0.25 0.3 0.1 0.1", "0.25 nan 0.3 0.1", "0.25 0.1 0.3 -1",
  ])
  func aGateIsAWeightAndThreeDistances(_ gate: String?) throws {
    #expect { _ = try load(gate: gate) } throws: {
      "\($0)".contains("venue_gate") && "\($0)".contains("'0.3 0.08 0.2 0.13'")
    }
  }
}
