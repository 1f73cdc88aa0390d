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

  private static func make(
    _ splitProtocol: SplitProtocol, _ artists: [String?], _ frameCounts: [Int], shares: [Double],
    _ generator: inout SeededGenerator, role: (_ part: Int) -> Role
  ) -> Split {
    if splitProtocol == .frame {
      let sizes = [Int](repeating: 1, count: frameCounts.reduce(0, +))
      let parts = GroupDealer.deal(sizes, shares: shares, &generator)
      var start = 0
      let roles = frameCounts.map { count in
        defer { start += count }
        return parts[start..<start + count].map(role)
      }
      return Split(.frame, frameRoles: roles)
    }
    let groups = groups(splitProtocol, artists: artists)
    let parts = GroupDealer.deal(groups.map(\.count), shares: shares, &generator)
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

/// Deals groups that must stay whole to parts.
enum GroupDealer {
  /// The part of each group. The largest are dealt first, those of one size in random order, each to the part that
  /// lacks most of its share: so the small ones, dealt last, make up for the large.
  ///
  /// - Parameters:
  ///   - sizes: of the groups.
  ///   - shares: of the parts, relative to each other.
  static func deal(_ sizes: [Int], shares: [Double], _ generator: inout SeededGenerator) -> [Int] {
    let shareSum = shares.reduce(0, +)
    precondition(shareSum > 0 && shareSum.isFinite && shares.allSatisfy { $0 >= 0 })
    let total = Double(sizes.reduce(0, +))
    var missing = shares.map { $0 / shareSum * total }
    let takers = shares.indices.filter { shares[$0] > 0 }
    var counts = [Int](repeating: 0, count: shares.count)
    var parts = [Int](repeating: 0, count: sizes.count)
    // The place in the shuffled order settles ties: the library's sort does not promise to keep it.
    let shuffled = sizes.indices.shuffled(using: &generator).enumerated()
    for (_, group) in shuffled.sorted(by: { (-sizes[$0.element], $0.offset) < (-sizes[$1.element], $1.offset) }) {
      let part = takers.max { missing[$0] < missing[$1] } ?? 0
      parts[group] = part
      counts[part] += 1
      missing[part] -= Double(sizes[group])
    }
    fillEmptyParts(&parts, &counts, sizes, shares)
    return parts
  }

  /// Gives each part that is empty, though it has a share, the smallest group of the part with the most groups.
  private static func fillEmptyParts(_ parts: inout [Int], _ counts: inout [Int], _ sizes: [Int], _ shares: [Double]) {
    for part in shares.indices where shares[part] > 0 && counts[part] == 0 {
      guard let donor = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[donor] > 1,
        let group = parts.indices.filter({ parts[$0] == donor }).min(by: { sizes[$0] < sizes[$1] })
      else { return }
      parts[group] = part
      counts[donor] -= 1
      counts[part] += 1
    }
  }
}
