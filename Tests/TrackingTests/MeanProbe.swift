import Affect
import Embedding
import EmotionModel
import SignalProcessing

/// An embedder whose embedding is the mean of its window, which is then valence and arousal. Windows last a second.
struct MeanProbe: AudioEmbedder {
  let identifier = "mean"
  let sampleRate = 1000
  let windowLength = 1000
  let windowStep = 1
  let dimension = 2

  mutating func restart() {}

  mutating func use(_ filter: VenueFilter?) {}

  mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    var sum: Float = 0
    for index in window.indices { sum += window[index] }
    embedding[0] = sum / Float(window.count)
    embedding[1] = -embedding[0]
  }
}

struct ProbeRegressor: EmotionRegressor {
  let card = ModelCard(name: "mean", kind: "mean", embedding: "mean", range: "-1..1", trainedOn: nil, scores: nil)
  let inputCount = 2
  /// Nil for a model that does not know how sure it is.
  var confidence: Float?
  var calls = Calls()

  /// What the model was told.
  final class Calls {
    var estimates = 0
    var skips = 0
    var restarts = 0
    var forgottenVenues = 0
    /// Estimates of windows that held nothing but music.
    var musicEstimates = 0
  }

  mutating func restart() { calls.restarts += 1 }

  mutating func forgetVenue() { calls.forgottenVenues += 1 }

  mutating func skip() { calls.skips += 1 }

  mutating func estimate(from embedding: [Float], isMusic: Bool) -> EmotionPrediction {
    calls.estimates += 1
    if isMusic { calls.musicEstimates += 1 }
    return EmotionPrediction(affect: Affect(valence: embedding[0], arousal: embedding[1]), confidence: confidence)
  }
}
