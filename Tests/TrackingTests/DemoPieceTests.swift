import Affect
import AudioInput
import Embedding
import EmotionModel
import NeuralNetwork
import ShippedModels
import Testing
import Tracking

/// The demo piece as the shipped networks hear it.
@Suite struct DemoPieceTests {
  @Test func joyfulAndTensePartsAreMoreArousedThanCalmAndSadOnes() throws {
    let model = try SafetensorsFile(path: ShippedModel.emotion.locate())
    let embedder = try MusiCNN(
      weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()), additions: MusiCNNAdditions(from: model))
    let regressor = try EmotionModelFile.load(
      model, embedding: embedder.identifier, dimension: embedder.dimension)
    let reader = try MonoReader(DemoSource(repeats: false), channel: .average)
    let tracker = AffectTracker(
      embedder: embedder, regressor: regressor, settings: TrackerSettings(hop: Hop(seconds: 1)!, smoothing: .none))
    tracker.begin(inputRate: reader.sampleRate)
    var estimates: [AffectEstimate] = []
    try reader.readAll { samples in tracker.push(samples) { estimates.append($0) } }
    tracker.finish { estimates.append($0) }
    #expect(estimates.count == 64)

    // A window lies wholly in a part from 3 s after its beginning on.
    let parts = (0..<4).map { part -> [Affect] in
      let times = Double(part) * 16 + 4...Double(part + 1) * 16
      return estimates.filter { times.contains($0.audioTime) }.compactMap { $0.values?.raw }
    }
    let arousal = parts.map { part in part.map(\.arousal).reduce(0, +) / Float(part.count) }
    let valence = parts.map { part in part.map(\.valence).reduce(0, +) / Float(part.count) }
    print("demo piece (calm, tense, sad, joyful): arousal \(arousal), valence \(valence)")
    let (calm, tense, sad, joyful) = (arousal[0], arousal[1], arousal[2], arousal[3])
    #expect(min(tense, joyful) > max(calm, sad))
  }
}
