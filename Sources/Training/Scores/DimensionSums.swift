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
