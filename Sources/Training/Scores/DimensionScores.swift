/// How near the predictions of one dimension come to the labels. Values and errors are on the scale -1...1.
///
/// What is undefined, because there are fewer than two points or they are constant, is nil.
public struct DimensionScores: Sendable, Equatable {
  // MARK: - Over the frames of all songs

  public let rootMeanSquareError: Double
  public let meanAbsoluteError: Double
  /// R², at most 1; below 0 where the labels' mean would be the better prediction.
  public let determination: Double?
  /// Pearson's r, -1...1.
  public let correlation: Double?
  /// Lin's concordance correlation coefficient, -1...1 (Lin, 1989): what is off by a constant or a factor loses here,
  /// though not in ``correlation``. It is 0, not nil, for constant predictions.
  public let concordance: Double?

  // MARK: - Of each song's own frames, over songs

  public let songRootMeanSquareError: MeanAndDeviation
  public let songMeanAbsoluteError: MeanAndDeviation
  /// Pearson's r inside a song, whose `count` says in how many songs it is defined; nil if in none.
  public let withinSongCorrelation: MeanAndDeviation?

  // MARK: - Of song means, one point for each song

  public let songMeanCorrelation: Double?
  public let songMeanRootMeanSquareError: Double
  public let songMeanConcordance: Double?

  init(_ sums: DimensionSums) {
    let pooled = sums.pooled.total
    rootMeanSquareError = pooled.rootMeanSquareError
    meanAbsoluteError = pooled.meanAbsoluteError
    determination = pooled.determination
    correlation = pooled.correlation
    concordance = pooled.concordance
    songRootMeanSquareError = MeanAndDeviation(sums.own.map(\.rootMeanSquareError))!  // there is at least one song
    songMeanAbsoluteError = MeanAndDeviation(sums.own.map(\.meanAbsoluteError))!  // likewise
    withinSongCorrelation = MeanAndDeviation(sums.own.compactMap(\.correlation))
    let means = sums.means.total
    songMeanCorrelation = means.correlation
    songMeanRootMeanSquareError = means.rootMeanSquareError
    songMeanConcordance = means.concordance
  }
}
