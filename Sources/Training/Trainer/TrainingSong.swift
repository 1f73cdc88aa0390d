public import Affect

/// A song as the training sees it: what the network heard at its ticks, and what listeners said there.
public struct TrainingSong: Sendable {
  public let identifier: String
  /// Nil if it is unknown; the song counts as an artist of its own then.
  public let artist: String?
  /// Audio time of the ticks, seconds.
  public let times: [Double]
  /// What listeners said at each tick; nil where they said nothing.
  public let labels: [Affect?]
  /// How much each label counts. 1 for a label of its own moment.
  public let weight: Float
  /// Whether the labels are the song's one static label, repeated.
  public let isStatic: Bool
  /// Which song of the set this is a copy of, as it sounds in some venue; nil for songs as they were recorded. A copy has
  /// the role of its original, and is never scored.
  public let original: Int?
  /// Whether of the labels the signs alone are known, each 1 or -1: the song's quadrant, repeated.
  public let isQuadrant: Bool

  public init(
    identifier: String, artist: String?, times: [Double], labels: [Affect?], weight: Float, isStatic: Bool,
    original: Int? = nil, isQuadrant: Bool = false
  ) {
    precondition(times.count == labels.count)
    self.identifier = identifier
    self.artist = artist
    self.times = times
    self.labels = labels
    self.weight = weight
    self.isStatic = isStatic
    self.original = original
    self.isQuadrant = isQuadrant
  }

  /// The song as a copy of song `original` of the set, heard at `times`, which can be fewer.
  package func copy(of original: Int, times: [Double]) -> TrainingSong? {
    let known = Dictionary(zip(self.times, labels)) { first, _ in first }
    let labels = times.map { known[$0] ?? nil }
    guard labels.contains(where: { $0 != nil }) else { return nil }
    return TrainingSong(
      identifier: identifier, artist: artist, times: times, labels: labels, weight: weight, isStatic: isStatic,
      original: original, isQuadrant: isQuadrant)
  }

  /// Joins a song's labels with the ticks at which it was heard.
  ///
  /// - Parameters:
  ///   - labelShift: seconds by which the listeners lag: the label for a tick is the one given so much later.
  ///   - staticWeight: how much a static label counts where there is no other; 0 leaves such songs out.
  ///   - quadrantWeight: how much a quadrant counts where there is nothing else; 0 leaves such songs out.
  /// - Returns: nil if there is no label at any tick.
  public init?(
    _ song: LabelledSong, times: [Double], labelShift: Double = 0, staticWeight: Float = 0, quadrantWeight: Float = 0
  ) {
    let labels = Self.labels(of: song, at: times, shift: labelShift)
    if labels.contains(where: { $0 != nil }) {
      self.init(
        identifier: song.identifier, artist: song.artist, times: times, labels: labels, weight: 1, isStatic: false)
    } else if song.dynamicLabels.isEmpty, let label = song.staticLabel, staticWeight > 0, !times.isEmpty {
      self.init(
        identifier: song.identifier, artist: song.artist, times: times,
        labels: Array(repeating: label, count: times.count), weight: staticWeight, isStatic: true)
    } else if song.dynamicLabels.isEmpty, song.staticLabel == nil, let quadrant = song.quadrant, quadrantWeight > 0,
      !times.isEmpty
    {
      self.init(
        identifier: song.identifier, artist: song.artist, times: times,
        labels: Array(repeating: quadrant.signs, count: times.count), weight: quadrantWeight, isStatic: true,
        isQuadrant: true)
    } else {
      return nil
    }
  }

  /// The same song with the ticks at `indices` alone.
  func taking(_ indices: [Int]) -> TrainingSong {
    TrainingSong(
      identifier: identifier, artist: artist, times: indices.map { times[$0] }, labels: indices.map { labels[$0] },
      weight: weight, isStatic: isStatic, original: original, isQuadrant: isQuadrant)
  }

  /// The mean of the song's labels.
  public var meanLabel: Affect { Affect(meanOf: labels.compactMap(\.self)) }

  /// For each of `times` the nearest label, if one lies within a quarter of a second: labels come at 2 Hz.
  public static func labels(of song: LabelledSong, at times: [Double], shift: Double) -> [Affect?] {
    let labels = song.dynamicLabels
    var next = 0
    return times.map { time in
      let wanted = time + shift
      while next + 1 < labels.count, abs(labels[next + 1].time - wanted) <= abs(labels[next].time - wanted) {
        next += 1
      }
      guard next < labels.count, abs(labels[next].time - wanted) <= 0.25 + 1e-6 else { return nil }
      return labels[next].affect
    }
  }
}

extension Affect {
  /// The mean of some points, neutral if there are none.
  package init(meanOf points: [Affect]) {
    guard !points.isEmpty else {
      self = .neutral
      return
    }
    let count = Double(points.count)
    self.init(
      valence: Float(points.reduce(0) { $0 + Double($1.valence) } / count),
      arousal: Float(points.reduce(0) { $0 + Double($1.arousal) } / count))
  }
}
