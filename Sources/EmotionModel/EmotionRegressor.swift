public import Affect

/// A model that reads valence and arousal off the embeddings of a stream of music, one after the other, knowing nothing
/// of those that come later.
public protocol EmotionRegressor {
  var card: ModelCard { get }

  /// Length of the embedding that the model takes.
  var inputCount: Int { get }

  /// Says that another stream begins: nothing of the one before may be remembered but the venue.
  mutating func restart()

  /// Says that what comes next sounds otherwise than before, as after a calibration: nothing may be remembered of the
  /// venue.
  mutating func forgetVenue()

  /// Says that the next tick has no embedding.
  mutating func skip()

  /// What the model says of the next tick.
  ///
  /// - Parameters:
  ///   - embedding: ``inputCount`` values.
  ///   - isMusic: whether there was nothing but music in its window, so that it tells something of the venue.
  mutating func estimate(from embedding: [Float], isMusic: Bool) -> EmotionPrediction
}

extension EmotionRegressor {
  /// Nothing, for a model that looks at each tick by itself.
  public mutating func skip() {}

  /// Nothing, for a model that does not know of venues.
  public mutating func forgetVenue() {}

  /// What the model says of the next tick, of music.
  public mutating func estimate(from embedding: [Float]) -> EmotionPrediction {
    estimate(from: embedding, isMusic: true)
  }
}

/// A model that reads valence and arousal off all embeddings of a piece of music at once.
public protocol SequenceRegressor {
  var card: ModelCard { get }

  /// Length of the embeddings that the model takes.
  var inputCount: Int { get }

  /// What the model says of each step.
  ///
  /// - Parameter sequence: the embeddings of a piece, ``inputCount`` values each, ``ModelCard/step`` seconds apart.
  func estimate(sequence: [[Float]]) -> [EmotionPrediction]
}

/// What an emotion model says of a moment of music.
public struct EmotionPrediction: Sendable, Equatable {
  public var affect: Affect
  /// How far off the model expects to be: standard deviations in the units of ``affect``; nil for a model that does not
  /// know.
  public var valenceDeviation: Float?
  public var arousalDeviation: Float?
  /// Probability that both values lie near what listeners would say, or that the quadrant is right, 0...1, see
  /// ``ConfidenceCalibration``; nil for a model that does not know.
  public var confidence: Float?
  /// Of a model that tells quadrants apart.
  public var quadrants: QuadrantProbabilities?

  public init(
    affect: Affect, valenceDeviation: Float? = nil, arousalDeviation: Float? = nil, confidence: Float? = nil
  ) {
    self.affect = affect
    self.valenceDeviation = valenceDeviation
    self.arousalDeviation = arousalDeviation
    self.confidence = confidence
  }
}

/// How probable each quadrant is.
public struct QuadrantProbabilities: Sendable, Equatable {
  /// Of the first to the fourth, which sum to 1.
  package let probabilities: SIMD4<Double>

  package init(_ probabilities: SIMD4<Double>) { self.probabilities = probabilities }

  public func probability(of quadrant: Quadrant) -> Double { probabilities[quadrant.rawValue - 1] }

  /// The most probable one; of several the first.
  public var best: Quadrant {
    let index = (0..<4).reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
    return Quadrant(rawValue: index + 1)!  // 1 to 4
  }

  /// The mean of several.
  package init(meanOf all: [QuadrantProbabilities]) {
    precondition(!all.isEmpty)
    probabilities = all.reduce(.zero) { $0 + $1.probabilities } / Double(all.count)
  }
}
