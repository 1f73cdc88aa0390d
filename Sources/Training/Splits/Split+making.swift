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
