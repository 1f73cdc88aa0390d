internal import Affect

/// Sums over pairs of a label and a prediction, from which the scores follow without a second look at the pairs.
///
/// The values are summed as differences from an origin, which is to be one of the pairs: then values that lie close
/// together lose no digits, and constant ones are seen to be constant. Sums with the same origin may be added.
struct PairSums: Sendable {
  struct Origin: Sendable, Equatable {
    let label: Double
    let prediction: Double
  }

  /// On the scale 0...1: an error beside a label near 0 would outweigh all others.
  private static let smallestRelativeLabel = 0.05

  let origin: Origin
  private(set) var count = 0
  private var labels = 0.0
  private var predictions = 0.0
  private var squaredLabels = 0.0
  private var squaredPredictions = 0.0
  private var products = 0.0
  private var errors = 0.0
  private var absoluteErrors = 0.0
  private var squaredErrors = 0.0
  private var relativeErrors = 0.0

  init(origin: Origin) {
    self.origin = origin
  }

  mutating func add(label: Double, prediction: Double) {
    let shiftedLabel = label - origin.label
    let shiftedPrediction = prediction - origin.prediction
    let error = prediction - label
    count += 1
    labels += shiftedLabel
    predictions += shiftedPrediction
    squaredLabels += shiftedLabel * shiftedLabel
    squaredPredictions += shiftedPrediction * shiftedPrediction
    products += shiftedLabel * shiftedPrediction
    errors += error
    absoluteErrors += abs(error)
    squaredErrors += error * error
    relativeErrors += abs(error) / 2 / max((label + 1) / 2, Self.smallestRelativeLabel)
  }

  /// - Precondition: both have the same origin.
  static func += (left: inout PairSums, right: PairSums) {
    precondition(left.origin == right.origin)
    left.count += right.count
    left.labels += right.labels
    left.predictions += right.predictions
    left.squaredLabels += right.squaredLabels
    left.squaredPredictions += right.squaredPredictions
    left.products += right.products
    left.errors += right.errors
    left.absoluteErrors += right.absoluteErrors
    left.squaredErrors += right.squaredErrors
    left.relativeErrors += right.relativeErrors
  }

  // MARK: - Scores. All but the means need at least two pairs; the means and errors need one.

  var meanLabel: Double { origin.label + labels / Double(count) }

  var meanPrediction: Double { origin.prediction + predictions / Double(count) }

  var rootMeanSquareError: Double { (squaredErrors / Double(count)).squareRoot() }

  var meanAbsoluteError: Double { absoluteErrors / Double(count) }

  /// Percent of the label, both on the scale 0...1: labels below ``smallestRelativeLabel`` count as that.
  var meanAbsolutePercentageError: Double { 100 * relativeErrors / Double(count) }

  /// The coefficient of determination, `R² = 1 - Σ(error²) / Σ((label - mean label)²)`; nil if the labels are constant.
  var determination: Double? {
    guard count > 1, labelSpread > 0 else { return nil }
    return 1 - squaredErrors / labelSpread
  }

  /// Pearson's r; nil if the labels or the predictions are constant.
  var correlation: Double? {
    let labelSpread = labelSpread
    let predictionSpread = predictionSpread
    guard count > 1, labelSpread > 0, predictionSpread > 0 else { return nil }
    return min(max(jointSpread / (labelSpread.squareRoot() * predictionSpread.squareRoot()), -1), 1)
  }

  /// The concordance correlation coefficient, with variances over n (Lin, "A concordance correlation coefficient to
  /// evaluate reproducibility", 1989). It is 0 if only one side is constant, or both at different values; nil if both
  /// are constant and equal.
  var concordance: Double? {
    let spread = labelSpread + predictionSpread + errors * errors / Double(count)
    guard count > 1, spread > 0 else { return nil }
    guard labelSpread > 0, predictionSpread > 0 else { return 0 }
    return min(max(2 * jointSpread / spread, -1), 1)
  }

  // MARK: - Sums about the means

  private var labelSpread: Double { spread(squares: squaredLabels, sum: labels) }

  private var predictionSpread: Double { spread(squares: squaredPredictions, sum: predictions) }

  private var jointSpread: Double { products - labels * predictions / Double(count) }

  /// Σ(x - mean)², where what is no more than rounding noise counts as 0.
  private func spread(squares: Double, sum: Double) -> Double {
    let spread = squares - sum * sum / Double(count)
    return spread > squares * 1e-12 ? spread : 0
  }
}

/// One dimension of some songs, summed song by song.
struct DimensionSums {
  /// Each song's frames, `[songs]`, all with one origin, so that they may be added.
  let pooled: [PairSums]
  /// Each song's frames, `[songs]`, with an origin of the song's own.
  let own: [PairSums]
  /// Each song's mean label and mean prediction as a single pair, `[songs]`, all with one origin.
  let means: [PairSums]

  /// - Precondition: there is at least one song.
  init(_ dimension: Dimension, of songs: [ScoredSong]) {
    let pairs = songs.map { song in
      zip(song.labels, song.predictions).map { label, prediction in
        (label: Double(dimension.value(of: label)), prediction: Double(dimension.value(of: prediction)))
      }
    }
    func sums(_ pairs: [(label: Double, prediction: Double)], origin: (label: Double, prediction: Double)) -> PairSums {
      var sums = PairSums(origin: .init(label: origin.label, prediction: origin.prediction))
      for pair in pairs { sums.add(label: pair.label, prediction: pair.prediction) }
      return sums
    }
    pooled = pairs.map { sums($0, origin: pairs[0][0]) }
    let own = pairs.map { sums($0, origin: $0[0]) }
    self.own = own
    means = own.map { song in
      sums([(song.meanLabel, song.meanPrediction)], origin: (own[0].meanLabel, own[0].meanPrediction))
    }
  }
}

extension [PairSums] {
  /// All of them added.
  ///
  /// - Precondition: there is at least one, and all have the same origin.
  var total: PairSums {
    dropFirst().reduce(into: self[0]) { $0 += $1 }
  }
}
