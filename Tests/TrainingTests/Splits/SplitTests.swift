import Platform
import Testing
import Training

@Suite struct SplitTests {
  private func counts(_ split: Split) -> [Int] { Split.Role.allCases.map { split.songs($0).count } }

  /// Songs by few or many artists, in several spellings, some by nobody.
  private func randomArtists(_ generator: inout SeededGenerator) -> [String?] {
    let artistCount = Int.random(in: 1...40, using: &generator)
    return (0..<Int.random(in: 3...120, using: &generator)).map { _ in
      // The square makes the first artists frequent.
      let artist = Int(generator.uniform() * generator.uniform() * Double(artistCount))
      return [nil, "Artist \(artist)", " artist  \(artist)\t", "ARTIST \(artist)"].randomElement(using: &generator)
        ?? nil
    }
  }

  private func key(_ artist: String?, song: Int) -> String {
    artist.map { $0.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") } ?? "song \(song)"
  }

  @Test func noArtistIsInTwoParts() {
    var generator = SeededGenerator(seed: 11)
    for seed in 0..<300 as Range<UInt64> {
      let artists = randomArtists(&generator)
      let frameCounts = artists.map { _ in 4 }
      let splits =
        [Split.make(.artist, artists: artists, frameCounts: frameCounts, seed: seed)]
        + Split.folds(.artist, count: 5, artists: artists, frameCounts: frameCounts, seed: seed)
      for split in splits {
        var roles: [String: Split.Role] = [:]
        for (song, artist) in artists.enumerated() {
          let role = split.role(song: song, frame: song % 4)
          #expect(roles.updateValue(role, forKey: key(artist, song: song)) ?? role == role)
        }
        #expect(counts(split).reduce(0, +) == artists.count)
      }
    }
  }

  @Test func songsWithoutAnArtistAreDealtOneByOne() {
    let split = Split.make(
      .artist, artists: Array(repeating: nil, count: 50) + Array(repeating: " ", count: 50),
      frameCounts: Array(repeating: 1, count: 100), seed: 1)
    #expect(counts(split) == [80, 10, 10])
  }

  @Test(arguments: [SplitProtocol.artist, .song])
  func theSharesAreKeptToTheSong(splitProtocol: SplitProtocol) {
    let artists = (0..<1000).map { "artist \($0)" as String? }
    let frameCounts = Array(repeating: 3, count: 1000)
    #expect(counts(.make(splitProtocol, artists: artists, frameCounts: frameCounts, seed: 5)) == [800, 100, 100])
    #expect(
      counts(.make(splitProtocol, artists: artists, frameCounts: frameCounts, seed: 5, shares: (1, 0, 1)))
        == [500, 0, 500])
  }

  @Test func aFrequentArtistDoesNotSpoilTheShares() {
    for seed in 0..<20 as Range<UInt64> {
      let artists = (0..<100).map { $0 < 30 ? "frequent" : "artist \($0)" as String? }
      let split = Split.make(.artist, artists: artists, frameCounts: Array(repeating: 1, count: 100), seed: seed)
      #expect(counts(split) == [80, 10, 10])
      #expect(split.role(song: 0, frame: 0) == .training)
    }
  }

  @Test func groupsOfManySizesComeCloseToTheShares() {
    // Artists with 40, 20, 13, 10, 8, … songs.
    let artists = (1...60).flatMap { artist in
      Array(repeating: "artist \(artist)" as String?, count: max(1, 40 / artist))
    }
    for seed in 0..<20 as Range<UInt64> {
      let split = Split.make(
        .artist, artists: artists, frameCounts: Array(repeating: 1, count: artists.count), seed: seed)
      for (count, share) in zip(counts(split), [0.8, 0.1, 0.1]) {
        #expect(abs(Double(count) - share * Double(artists.count)) <= 1)
      }
    }
  }

  @Test func noPartIsEmptyIfThereAreThreeArtists() {
    #expect(counts(.make(.artist, artists: ["a", "b", "c"], frameCounts: [1, 1, 1], seed: 1)) == [1, 1, 1])
    let lopsided: [String?] = Array(repeating: "a", count: 50) + ["b", "c"]
    #expect(
      counts(.make(.artist, artists: lopsided, frameCounts: Array(repeating: 1, count: 52), seed: 1)) == [50, 1, 1])
    #expect(counts(.make(.artist, artists: ["a", "A "], frameCounts: [1, 1], seed: 1)) == [2, 0, 0])
  }

  @Test func bySongAnArtistMayBeInSeveralParts() {
    let split = Split.make(
      .song, artists: Array(repeating: "one", count: 100), frameCounts: Array(repeating: 1, count: 100), seed: 2)
    #expect(counts(split) == [80, 10, 10])
    #expect(Set(Split.Role.allCases.flatMap { split.songs($0) }) == Set(0..<100))
  }

  @Test func byFrameEverySongIsInTheTrainingToo() {
    let frameCounts = (0..<50).map { 40 + $0 }
    let split = Split.make(.frame, artists: Array(repeating: nil, count: 50), frameCounts: frameCounts, seed: 3)
    var counts: [Split.Role: Int] = [:]
    for (song, count) in frameCounts.enumerated() {
      for frame in 0..<count { counts[split.role(song: song, frame: frame), default: 0] += 1 }
    }
    let total = frameCounts.reduce(0, +)
    #expect(abs((counts[.training] ?? 0) - total * 8 / 10) <= 1)
    #expect(abs((counts[.validation] ?? 0) - total / 10) <= 1)
    #expect(abs((counts[.test] ?? 0) - total / 10) <= 1)
    #expect(split.songs(.training) == Array(0..<50))
    #expect(split.songs(.test).count > 40)
  }

  @Test func onlyTheSplitByFrameWarns() throws {
    #expect(SplitProtocol.artist.warning == nil && SplitProtocol.song.warning == nil)
    let warning = try #require(Split.make(.frame, artists: [nil], frameCounts: [10], seed: 1).warning)
    #expect(warning.contains("the songs of the test are in the training too"))
    #expect(warning.contains("near copies"))
  }

  @Test(arguments: SplitProtocol.allCases)
  func theSeedDeterminesTheSplit(splitProtocol: SplitProtocol) {
    let artists = (0..<200).map { "artist \($0 / 3)" as String? }
    let frameCounts = Array(repeating: 5, count: 200)
    let make = { (seed: UInt64) in
      Split.make(splitProtocol, artists: artists, frameCounts: frameCounts, seed: seed)
    }
    #expect(make(1) == make(1))
    #expect(make(1) != make(2))
  }

  /// Scores of different runs are comparable only if their parts are the same, and hashing differs from run to run.
  /// What the parts are does not matter.
  @Test func theSplitIsTheSameInEveryRun() {
    let artists = (0..<40).map { "artist \($0 / 2)" as String? }
    let split = Split.make(.artist, artists: artists, frameCounts: Array(repeating: 1, count: 40), seed: 1)
    #expect(split.songs(.validation) == [14, 15, 16, 17])
    #expect(split.songs(.test) == [34, 35, 36, 37])
  }
}
