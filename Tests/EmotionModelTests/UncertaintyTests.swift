import Affect
import EmotionModel
import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// What a model says of its own errors.
@Suite struct UncertaintyTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func load(_ model: RandomModel) throws -> any EmotionRegressor {
    try EmotionModelFile.load(
      model.write(to: directory.file("model.safetensors")), embedding: RandomModel.embedding,
      dimension: model.sizes.inputs)
  }

  /// A ridge model for one value, whose weights are 0: its outputs are its biases.
  private func constant(
    valence: [Float], arousal: [Float], logarithms: [SIMD2<Float>] = [], confidence: [Float]? = nil
  ) -> RandomModel {
    var sizes = RandomModel.Sizes()
    sizes.inputs = 1
    sizes.members = valence.count
    sizes.isUncertain = !logarithms.isEmpty
    var model = RandomModel(.ridge, sizes)
    for (index, prefix) in model.prefixes.enumerated() {
      model[prefix + "output.weight"] = Tensor(zeros: [2, 1])
      model[prefix + "output.bias"] = Tensor(shape: [2], values: [valence[index], arousal[index]])
      guard sizes.isUncertain else { continue }
      model[prefix + "uncertainty.weight"] = Tensor(zeros: [2, 1])
      model[prefix + "uncertainty.bias"] = Tensor(shape: [2], values: [logarithms[index].x, logarithms[index].y])
    }
    if let confidence { model.tensors.append(("confidence", Tensor(shape: [2], values: confidence))) }
    return model
  }

  private func prediction(_ model: RandomModel) throws -> EmotionPrediction {
    var regressor = try load(model)
    return regressor.estimate(from: [0.3])
  }

  @Test func anEnsembleSaysTheMean() throws {
    let prediction = try prediction(constant(valence: [0.1, 0.2, 0.6], arousal: [-0.5, 0.5, 0.3]))
    #expect(abs(prediction.affect.valence - 0.3) < 1e-6)
    #expect(abs(prediction.affect.arousal - 0.1) < 1e-6)
    #expect(prediction.valenceDeviation == nil && prediction.arousalDeviation == nil && prediction.confidence == nil)
  }

  @Test func theMeanIsTakenBeforeItIsClipped() throws {
    let prediction = try prediction(constant(valence: [1.5, -0.5], arousal: [3, 2]))
    #expect(abs(prediction.affect.valence - 0.5) < 1e-6)
    #expect(prediction.affect.arousal == 1)
  }

  @Test func theVarianceIsThatOfTheMixture() throws {
    // Means 0.2 and 0.6: their variance is 0.04. Variances 0.01 and 0.03: their mean is 0.02.
    let logarithms = [SIMD2(Float(log(0.01)), 0), SIMD2(Float(log(0.03)), 0)]
    let prediction = try prediction(
      constant(valence: [0.2, 0.6], arousal: [0.5, 0.5], logarithms: logarithms))
    #expect(abs(try #require(prediction.valenceDeviation) - Float(0.06).squareRoot()) < 1e-6)
    #expect(abs(try #require(prediction.arousalDeviation) - 1) < 1e-6)
    #expect(prediction.confidence == nil)
  }

  @Test func logarithmsOfVariancesAreClipped() throws {
    let low = try prediction(constant(valence: [0], arousal: [0], logarithms: [SIMD2(-50, -10)]))
    let high = try prediction(constant(valence: [0], arousal: [0], logarithms: [SIMD2(50, 2)]))
    #expect(low.valenceDeviation == low.arousalDeviation && high.valenceDeviation == high.arousalDeviation)
    #expect(abs(try #require(low.valenceDeviation) - Float(exp(-5.0))) < 1e-7)
    #expect(abs(try #require(high.valenceDeviation) - Float(exp(1.0))) < 1e-6)
  }

  @Test func theConfidenceFollowsTheFormula() {
    // erf(1 / √2)² = 0.68269² for deviations as large as the tolerance.
    let plain = ConfidenceCalibration.identity
    #expect(abs(plain.confidence(valenceDeviation: 0.25, arousalDeviation: 0.25) - 0.466065) < 1e-6)
    let calibrated = ConfidenceCalibration(slope: 2, offset: 1)
    #expect(abs(calibrated.confidence(valenceDeviation: 0.25, arousalDeviation: 0.25) - 0.674389) < 1e-6)
    let other = ConfidenceCalibration(slope: 0.5, offset: -0.25)
    #expect(abs(other.confidence(valenceDeviation: 0.1, arousalDeviation: 0.3) - 0.481945) < 1e-6)
    #expect(abs(ConfidenceCalibration.probability(valenceDeviation: 0.1, arousalDeviation: 0.3) - 0.587949) < 1e-6)
  }

  @Test func theProbabilityStaysAwayFromCertainty() {
    #expect(ConfidenceCalibration.probability(valenceDeviation: 0, arousalDeviation: 1e-6) == 1 - 1e-4)
    #expect(ConfidenceCalibration.probability(valenceDeviation: 1e6, arousalDeviation: 1e6) == 1e-4)
    let steep = ConfidenceCalibration(slope: 1e6, offset: 1e6)
    for deviation: Float in [0, 0.01, 0.25, 3, .infinity] {
      let confidence = steep.confidence(valenceDeviation: deviation, arousalDeviation: deviation)
      #expect((0...1).contains(confidence))
    }
  }

  @Test func aModelWithACalibrationSaysHowSureItIs() throws {
    let quarter = Float(2 * log(0.25))
    let prediction = try prediction(
      constant(valence: [0], arousal: [0], logarithms: [SIMD2(quarter, quarter)], confidence: [2, 1]))
    #expect(abs(try #require(prediction.confidence) - 0.674389) < 1e-5)
  }

  @Test func oneCalibrationServesAnEnsemble() throws {
    // Both deviations of the mixture are 0.25: the means are 0.2 apart from 0.3, the variances 0.0225.
    let variance = Float(log(0.0225))
    let prediction = try prediction(
      constant(
        valence: [0.1, 0.5], arousal: [-0.2, 0.2], logarithms: [SIMD2(variance, variance), SIMD2(variance, variance)],
        confidence: [1, 0]))
    #expect(abs(try #require(prediction.confidence) - 0.466065) < 1e-5)
  }
}
