internal import NeuralNetwork
internal import Platform

/// Believes the networks of an ensemble that have heard venues the more, the further they are from those that heard
/// recorded music alone.
///
/// Both kinds agree on music as it was recorded, and there the mean of both is more often right. Through a microphone or
/// in a room those that never heard one are led astray, and the distance between the two kinds shows it. A venue does not
/// change within a piece: the distance is a mean over minutes, so that no value jumps by it.
package struct VenueGate: Sendable, Equatable {
  /// How many of the members have heard venues. They come last.
  let memberCount: Int
  /// Weight of their mean where the distance is at most ``lower``, 0...1. At ``upper`` it is 1.
  let leastWeight: Double
  /// Distances of the two means, in the plane of valence and arousal.
  let lower: Double
  let upper: Double
  /// The distance that is taken for granted before anything was heard.
  let start: Double

  /// Key of the number of members in the metadata.
  package static let membersKey = "venue_members"
  /// Key of the weight and the three distances.
  package static let settingsKey = "venue_gate"

  /// For `memberCount` members, with the weight and the distances that were found on held-out songs of DEAM and their
  /// copies: see docs/models.md.
  package init(memberCount: Int) {
    self.memberCount = memberCount
    (leastWeight, lower, upper, start) = (0.3, 0.08, 0.2, 0.13)
  }

  /// The gate of a model file with `memberCount` members, nil if it has none.
  ///
  /// - Throws: ``Failure`` if its settings are not what they should be.
  init?(metadataOf file: SafetensorsFile, memberCount: Int) throws(Failure) {
    guard let count = try file.integer(Self.membersKey, in: 1...16) else { return nil }
    guard count < memberCount else {
      throw Failure(
        .invalidData, file.path,
        "its metadata have '\(count)' for '\(Self.membersKey)', expected fewer than its \(memberCount) members")
    }
    let text = file.metadata[Self.settingsKey] ?? ""
    let numbers = text.split(separator: " ").compactMap { Double($0) }
    guard numbers.count == 4, (0...1).contains(numbers[0]), numbers[1] >= 0, numbers[2] > numbers[1], numbers[2] <= 4,
      (0...4).contains(numbers[3])
    else {
      throw Failure(
        .invalidData, file.path,
        "its metadata have '\(text)' for '\(Self.settingsKey)', expected a weight from 0 to 1, two rising distances and "
          + "a distance to begin with, such as '0.3 0.08 0.2 0.13'")
    }
    self.memberCount = count
    (leastWeight, lower, upper, start) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  /// What the model file says of it.
  package var metadata: [String: String] {
    [Self.membersKey: "\(memberCount)", Self.settingsKey: "\(leastWeight) \(lower) \(upper) \(start)"]
  }

  /// Nothing heard yet.
  package var unheard: Distance { Distance(start: start) }

  /// What the two kinds come to.
  ///
  /// - Parameter distance: what was heard of the venue by now.
  func blend(recorded: Mixture, venue: Mixture, distance: Distance) -> Mixture {
    let position = min(max((distance.value - lower) / (upper - lower), 0), 1)
    let weight = leastWeight + (1 - leastWeight) * position * position * (3 - 2 * position)
    let difference = venue.mean - recorded.mean
    let variance: SIMD2<Double>? =
      if let own = recorded.variance, let other = venue.variance {
        own + weight * (other - own) + weight * (1 - weight) * difference * difference
      } else { nil }
    return Mixture(mean: recorded.mean + weight * difference, variance: variance)
  }

  /// How far apart the two kinds are, over minutes of music.
  package struct Distance: Sendable, Equatable {
    private(set) var value: Double
    /// How much music the value stands for, seconds.
    private var seconds = Self.startSeconds

    /// Seconds of music that the start is worth.
    private static let startSeconds = 20.0
    /// Time constant of the mean, seconds of music.
    private static let memory = 300.0

    init(start: Double) { value = start }

    /// Hears `seconds` more of music.
    mutating func hear(recorded: Mixture, venue: Mixture, seconds: Double) {
      let difference = venue.mean - recorded.mean
      let distance = (difference * difference).sum().squareRoot()
      guard distance.isFinite else { return }
      self.seconds = min(self.seconds + seconds, Self.memory)
      value += (distance - value) * min(1, seconds / self.seconds)
    }
  }
}

extension VenueGate {
  /// What is published of a piece that nothing was heard before, without a confidence.
  ///
  /// - Parameters:
  ///   - recorded: what networks say that heard recorded music alone: for each of them, of each moment.
  ///   - venue: the same of those that heard venues.
  ///   - interval: seconds between two moments.
  package func predictions(
    recorded: [[EmotionPrediction]], venue: [[EmotionPrediction]], interval: Double
  ) -> [EmotionPrediction] {
    var distance = unheard
    return (recorded.first ?? []).indices.map { moment in
      let own = EnsembleMixture(recorded.map { $0[moment] }).mixture
      let others = EnsembleMixture(venue.map { $0[moment] }).mixture
      distance.hear(recorded: own, venue: others, seconds: interval)
      return blend(recorded: own, venue: others, distance: distance).prediction(nil)
    }
  }
}
