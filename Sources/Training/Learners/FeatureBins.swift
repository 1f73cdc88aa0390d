/// The inputs of samples in at most 256 steps each, for trees that ask only between steps (Ke and others, "LightGBM: a
/// highly efficient gradient boosting decision tree", 2017).
struct FeatureBins: Sendable {
  let sampleCount: Int
  let featureCount: Int
  /// `[features × samples]`
  private(set) var bins: [UInt8]
  /// Of each feature: an input up to `thresholds[n]` lies in one of the steps 0...n.
  let thresholds: [[Float]]

  static let limit = 256

  init(_ samples: Samples) {
    sampleCount = samples.count
    featureCount = samples.width
    var bins = [UInt8](repeating: 0, count: samples.count * samples.width)
    var thresholds: [[Float]] = []
    for feature in 0..<samples.width {
      let values = (0..<samples.count).map { samples.inputs[$0 * samples.width + feature] }
      let own = Self.thresholds(values)
      for (index, value) in values.enumerated() {
        bins[feature * samples.count + index] = UInt8(own.partitioningIndex { value <= $0 })
      }
      thresholds.append(own)
    }
    self.bins = bins
    self.thresholds = thresholds
  }

  /// Between different values; between all of them if they are few, else where they hold like shares of the samples.
  private static func thresholds(_ values: [Float]) -> [Float] {
    let sorted = values.sorted()
    var places: [Int] = []  // where a value differs from the one before
    for index in sorted.indices.dropFirst() where sorted[index] > sorted[index - 1] { places.append(index) }
    if places.count >= limit {
      var kept: [Int] = []
      for number in 1..<limit {
        let wanted = number * sorted.count / limit
        let index = places.partitioningIndex { $0 >= wanted }
        let place = places[min(index, places.count - 1)]
        if kept.last != place { kept.append(place) }
      }
      places = kept
    }
    return places.map { place in
      let (below, above) = (sorted[place - 1], sorted[place])
      let middle = below + (above - below) / 2
      return middle < above ? middle : below
    }
  }

  func withFeature<Result>(_ feature: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    bins.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[feature * sampleCount..<(feature + 1) * sampleCount]))
    }
  }
}

extension Array {
  /// The first index whose element fulfils `condition`, where all behind it do, too; the count if none does.
  func partitioningIndex(where condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
