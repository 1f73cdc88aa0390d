internal import Embedding
internal import NeuralNetwork
internal import Platform

/// Hears a change of the music sooner: a model with a gate looks at the whole window and at its newest part. As long as
/// the two agree, the whole is heard, which is calmer and more often right; the further they are apart, the more the
/// newest part, since what lies before it is over.
package struct ChangeGate: Sendable, Equatable {
  /// Distance of the two estimates, in the plane of valence and arousal, up to which the whole window counts alone.
  let lower: Double
  /// Distance from which the newest part counts alone.
  let upper: Double

  /// Key of the two distances in the metadata.
  package static let distancesKey = "recent_gate"

  /// The gate of a model file, nil if it has none.
  ///
  /// - Throws: ``Failure`` if the distances are not two rising numbers.
  init?(metadataOf file: SafetensorsFile) throws(Failure) {
    guard file.metadata[RetrainedLayers.recentFramesKey] != nil else { return nil }
    let text = file.metadata[Self.distancesKey] ?? ""
    let numbers = text.split(separator: " ").compactMap { Double($0) }
    guard numbers.count == 2, numbers[0] >= 0, numbers[1] > numbers[0], numbers[1] <= 4 else {
      throw Failure(
        .invalidData, file.path,
        "its metadata have '\(text)' for '\(Self.distancesKey)', expected two rising numbers from 0 to 4, such as '0.14 "
          + "0.35'")
    }
    (lower, upper) = (numbers[0], numbers[1])
  }

  /// What the two estimates come to.
  func blend(whole: Mixture, recent: Mixture) -> Mixture {
    let difference = recent.mean - whole.mean
    let distance = (difference * difference).sum().squareRoot()
    let position = min(max((distance - lower) / (upper - lower), 0), 1)
    let weight = position * position * (3 - 2 * position)
    let variance: SIMD2<Double>? =
      if let own = whole.variance, let other = recent.variance { own + weight * (other - own) } else { nil }
    return Mixture(mean: whole.mean + weight * difference, variance: variance)
  }
}
