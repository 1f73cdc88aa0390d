internal import Platform

/// Which songs, or frames of songs, a model is trained on, chosen by and judged on. The same seed gives the same split.
public struct Split: Sendable, Equatable {
  public enum Role: Sendable, CaseIterable {
    case training
    /// For the choice of settings and the moment to stop.
    case validation
    /// For the scores, and nothing before.
    case test
  }

  public let splitProtocol: SplitProtocol

  /// For each song the roles of its frames, or a single role of all of them.
  private let roles: [[Role]]

  /// What is wrong with scores from this split; nil if nothing is.
  public var warning: String? { splitProtocol.warning }

  /// - Parameter songRoles: of all frames of each song.
  init(_ splitProtocol: SplitProtocol, songRoles: [Role]) {
    self.splitProtocol = splitProtocol
    roles = songRoles.map { [$0] }
  }

  /// - Parameter frameRoles: of each frame of each song.
  init(_ splitProtocol: SplitProtocol, frameRoles: [[Role]]) {
    self.splitProtocol = splitProtocol
    roles = frameRoles
  }

  /// The part that a frame of a song is in.
  public func role(song: Int, frame: Int) -> Role {
    splitProtocol == .frame ? roles[song][frame] : roles[song][0]
  }

  /// The songs in a part, ascending. In a split by frame they are those with at least one frame there.
  public func songs(_ role: Role) -> [Int] {
    roles.indices.filter { roles[$0].contains(role) }
  }
}

/// What is kept together when a data set is split.
public enum SplitProtocol: String, CaseIterable, Sendable {
  /// All songs of an artist: what a model is worth on music by people whom it has never heard.
  case artist
  /// All frames of a song.
  case song
  /// Nothing. Only to reproduce published tables: the parts share their songs.
  case frame

  /// What is wrong with the figures that this protocol gives; nil if nothing is.
  public var warning: String? {
    switch self {
    case .artist, .song: nil
    case .frame:
      "split by frame: the songs of the test are in the training too, and neighbouring frames are near copies of each "
        + "other, so that the scores say how well a model remembers songs, not how well it judges new ones"
    }
  }
}

extension Split {
  /// Splits songs into three parts by their numbers, as near to `shares` as whole artists or songs allow.
  ///
  /// Artists are compared without regard to case and spaces; a song without one is an artist of its own. No part is
  /// empty if its share is not and there are three artists or songs at least.
  ///
  /// - Parameters:
  ///   - artists: of each song.
  ///   - frameCounts: of each song; they matter to a split by frame alone.
  ///   - shares: relative to each other, not negative. 8:1:1 is that of the paper behind this project.
  public static func make(
    _ splitProtocol: SplitProtocol, artists: [String?], frameCounts: [Int], seed: UInt64,
    shares: (training: Double, validation: Double, test: Double) = (8, 1, 1)
  ) -> Split {
    precondition(artists.count == frameCounts.count)
    let parts = [shares.training, shares.validation, shares.test]
    var generator = SeededGenerator(seed: seed)
    return make(splitProtocol, artists, frameCounts, shares: parts, &generator) { Role.allCases[$0] }
  }

  /// Splits songs into `count` parts of like size and gives as many splits, each with another part as its test. The
  /// next part is the validation, the others are the training: ten folds are 8:1:1.
  ///
  /// - Parameter count: 3 or more. There are no more folds than artists or songs (frames, in a split by frame).
  /// - Returns: nothing if there are fewer than three of them.
  public static func folds(
    _ splitProtocol: SplitProtocol, count: Int, artists: [String?], frameCounts: [Int], seed: UInt64
  ) -> [Split] {
    precondition(artists.count == frameCounts.count)
    precondition(count >= 3, "a fold each for test and validation, and one to train on")
    let groupCount =
      splitProtocol == .frame ? frameCounts.reduce(0, +) : groups(splitProtocol, artists: artists).count
    let count = min(count, groupCount)
    guard count >= 3 else { return [] }
    return (0..<count).map { fold in
      // The same seed deals the same parts each time.
      var generator = SeededGenerator(seed: seed)
      let shares = [Double](repeating: 1, count: count)
      return make(splitProtocol, artists, frameCounts, shares: shares, &generator) { part in
        part == fold ? .test : part == (fold + 1) % count ? .validation : .training
      }
    }
  }

  /// Splits songs into `count` parts as ``folds(_:count:artists:frameCounts:seed:)`` does, each of which has a like share
  /// of each stratum, such as the songs of a quadrant. Each part is the test of one split; a share of the other songs,
  /// with a like share of each stratum too, is its validation, and the rest its training.
  ///
  /// By song the parts' shares of each stratum differ by one song at most, and so do their sizes. By artist they are as
  /// near as whole artists allow. Folds are repeated with the seeds that follow: repeat r has `seed + r`.
  ///
  /// - Parameters:
  ///   - splitProtocol: by artist or by song.
  ///   - count: 2 or more. There are no more folds than artists or songs.
  ///   - strata: of each song, any numbers.
  ///   - validationShare: of the songs that are not in the test, 0..<1; with 0 nothing is the validation. It is empty,
  ///     too, where all these songs are by one artist.
  /// - Returns: nothing if there are fewer than three artists or songs.
  public static func stratifiedFolds(
    _ splitProtocol: SplitProtocol, count: Int, artists: [String?], strata: [Int], seed: UInt64,
    validationShare: Double = 0.1
  ) -> [Split] {
    precondition(splitProtocol != .frame, "the frames of a song are all of one stratum")
    precondition(artists.count == strata.count && count >= 2 && (0..<1).contains(validationShare))
    let groups = groups(splitProtocol, artists: artists)
    guard groups.count >= 3 else { return [] }
    let count = min(count, groups.count)
    let places = Dictionary(uniqueKeysWithValues: Set(strata).sorted().enumerated().map { ($1, $0) })
    let compositions = groups.map { group in
      group.reduce(into: [Int](repeating: 0, count: places.count)) { sizes, song in
        sizes[places[strata[song]]!] += 1  // every stratum has its place
      }
    }
    var generator = SeededGenerator(seed: seed)
    let parts = GroupDealer.deal(compositions, shares: [Double](repeating: 1, count: count), &generator)
    return (0..<count).map { fold in
      var roles = [Role](repeating: .test, count: artists.count)
      let others = groups.indices.filter { parts[$0] != fold }
      let rest = GroupDealer.deal(
        others.map { compositions[$0] }, shares: [1 - validationShare, validationShare], &generator)
      for (group, part) in zip(others, rest) {
        for song in groups[group] { roles[song] = part == 1 ? .validation : .training }
      }
      return Split(splitProtocol, songRoles: roles)
    }
  }

  private static func make(
    _ splitProtocol: SplitProtocol, _ artists: [String?], _ frameCounts: [Int], shares: [Double],
    _ generator: inout SeededGenerator, role: (_ part: Int) -> Role
  ) -> Split {
    if splitProtocol == .frame {
      let sizes = [Int](repeating: 1, count: frameCounts.reduce(0, +))
      let parts = GroupDealer.deal(sizes.map { [$0] }, shares: shares, &generator)
      var start = 0
      let roles = frameCounts.map { count in
        defer { start += count }
        return parts[start..<start + count].map(role)
      }
      return Split(.frame, frameRoles: roles)
    }
    let groups = groups(splitProtocol, artists: artists)
    let parts = GroupDealer.deal(groups.map { [$0.count] }, shares: shares, &generator)
    var roles = [Role](repeating: .training, count: artists.count)
    for (group, part) in zip(groups, parts) {
      for song in group { roles[song] = role(part) }
    }
    return Split(splitProtocol, songRoles: roles)
  }

  /// The songs that stay together, in the order of their first song.
  private static func groups(_ splitProtocol: SplitProtocol, artists: [String?]) -> [[Int]] {
    guard splitProtocol == .artist else { return artists.indices.map { [$0] } }
    var groups: [[Int]] = []
    var places: [String: Int] = [:]
    for (song, artist) in artists.enumerated() {
      let key = artist.flatMap(ArtistName.key)
      if let key, let place = places[key] {
        groups[place].append(song)
      } else {
        if let key { places[key] = groups.count }
        groups.append([song])
      }
    }
    return groups
  }
}
