import Platform
import Testing
import Training

@Suite struct StratifiedFoldsTests {
  /// Songs of random strata, of which the first is the rarest, by artists of few or many songs or by nobody.
  private func randomSongs(
    _ generator: inout SeededGenerator, count: ClosedRange<Int> = 3...300
  ) -> (artists: [String?], strata: [Int]) {
    let songs = Int.random(in: count, using: &generator)
    let artistCount = Int.random(in: 3...100, using: &generator)
    let strata = (0..<songs).map { _ in 4 - Int(generator.uniform() * generator.uniform() * 4) }
    let artists = (0..<songs).map { _ -> String? in
      let artist = Int(generator.uniform() * generator.uniform() * Double(artistCount))
      return [nil, "Artist \(artist)", " ARTIST  \(artist)"].randomElement(using: &generator) ?? nil
    }
    return (artists, strata)
  }

  /// How many of `songs` are of each stratum, 1...4.
  private func counts(_ songs: some Sequence<Int>, of strata: [Int]) -> [Int] {
    songs.reduce(into: [0, 0, 0, 0]) { $0[strata[$1] - 1] += 1 }
  }

  private func isWithinOne(_ count: Int, of expected: Double) -> Bool { abs(Double(count) - expected) < 1 }

  @Test func bySongEachPartHasItsShareOfEachStratum() {
    var generator = SeededGenerator(seed: 1)
    for seed in 0..<200 as Range<UInt64> {
      let (artists, strata) = randomSongs(&generator)
      let asked = Int.random(in: 2...12, using: &generator)
      let share: Double = [0, 0.1, 0.25].randomElement(using: &generator) ?? 0.0
      let folds = Split.stratifiedFolds(
        .song, count: asked, artists: artists, strata: strata, seed: seed, validationShare: share)
      let count = min(asked, strata.count)
      #expect(folds.count == count)
      #expect(folds.flatMap { $0.songs(.test) }.sorted() == Array(strata.indices))
      let all = counts(strata.indices, of: strata)
      for fold in folds {
        let test = counts(fold.songs(.test), of: strata)
        let validation = counts(fold.songs(.validation), of: strata)
        for stratum in 0..<4 {
          #expect(isWithinOne(test[stratum], of: Double(all[stratum]) / Double(count)))
          #expect(isWithinOne(validation[stratum], of: Double(all[stratum] - test[stratum]) * share))
        }
        #expect(isWithinOne(fold.songs(.test).count, of: Double(strata.count) / Double(count)))
        let validationCount = fold.songs(.validation).count
        #expect((validationCount > 0) == (share > 0) || strata.count - fold.songs(.test).count < 2)
        #expect(fold.songs(.training).count + validationCount + fold.songs(.test).count == strata.count)
      }
    }
  }

  @Test func byArtistNoArtistIsInTwoPartsAndEachSongIsTestedOnce() {
    var generator = SeededGenerator(seed: 2)
    for seed in 0..<200 as Range<UInt64> {
      let (artists, strata) = randomSongs(&generator)
      let folds = Split.stratifiedFolds(.artist, count: 5, artists: artists, strata: strata, seed: seed)
      #expect(folds.flatMap { $0.songs(.test) }.sorted() == (folds.isEmpty ? [] : Array(strata.indices)))
      for fold in folds {
        var roles: [String: Split.Role] = [:]
        for (song, artist) in artists.enumerated() {
          guard let artist = artist?.lowercased().split(separator: " ").joined() else { continue }
          let role = fold.role(song: song, frame: song % 3)
          #expect(roles.updateValue(role, forKey: artist) ?? role == role)
        }
        #expect(!fold.songs(.test).isEmpty)
      }
    }
  }

  /// 702 songs by 480 artists, of whom most have a single song, as in 4QAED.
  @Test func byArtistThePartsAreAlikeWhereArtistsAreMany() {
    var generator = SeededGenerator(seed: 3)
    for seed in 0..<20 as Range<UInt64> {
      let strata = (0..<702).map { _ in Int.random(in: 1...4, using: &generator) }
      let artists = strata.indices.map { song in
        song < 480 ? "artist \(song)" : "artist \(Int(generator.uniform() * generator.uniform() * 480))" as String?
      }
      let all = counts(strata.indices, of: strata)
      for fold in Split.stratifiedFolds(.artist, count: 10, artists: artists, strata: strata, seed: seed) {
        for (part, share) in [(fold.songs(.test), 0.1), (fold.songs(.validation), 0.09)] {
          for (count, whole) in zip(counts(part, of: strata), all) {
            let expected = share * Double(whole)
            #expect(abs(Double(count) - expected) <= 2)
          }
          #expect(abs(Double(part.count) - share * 702) <= 2)
        }
      }
    }
  }

  @Test func aFrequentArtistIsMadeUpForByTheOthers() throws {
    // 20 of the 40 songs of the first stratum are by one artist: the part that has them gets none of the other 20.
    let artists = (0..<80).map { $0 < 20 ? "frequent" : "artist \($0)" as String? }
    let strata = (0..<80).map { $0 < 40 ? 1 : 2 }
    for seed in 0..<10 as Range<UInt64> {
      let folds = Split.stratifiedFolds(.artist, count: 4, artists: artists, strata: strata, seed: seed)
      let frequent = try #require(folds.first { $0.role(song: 0, frame: 0) == .test })
      #expect(counts(frequent.songs(.test), of: strata)[0] == 20)
      for fold in folds where fold != frequent {
        #expect((6...7).contains(counts(fold.songs(.test), of: strata)[0]))
      }
    }
  }

  @Test func theNumbersOfTheStrataDoNotMatter() {
    var generator = SeededGenerator(seed: 4)
    let (artists, strata) = randomSongs(&generator, count: 100...100)
    let folds = { (strata: [Int]) in
      Split.stratifiedFolds(.artist, count: 5, artists: artists, strata: strata, seed: 1)
    }
    #expect(folds(strata) == folds(strata.map { $0 * 100 - 1_000 }))
  }

  @Test func theSeedDeterminesTheFoldsAndTheValidation() {
    var generator = SeededGenerator(seed: 5)
    let (artists, strata) = randomSongs(&generator, count: 100...100)
    let folds = { (seed: UInt64) in
      Split.stratifiedFolds(.song, count: 5, artists: artists, strata: strata, seed: seed)
    }
    #expect(folds(1) == folds(1))
    #expect(folds(1).map { $0.songs(.test) } != folds(2).map { $0.songs(.test) })
    #expect(Set(folds(1).map { $0.songs(.validation) }).count == 5)
  }

  @Test func thereAreNoMoreFoldsThanArtistsAndNoneForTwo() {
    let artists: [String?] = ["a", "a", "b", "c", "d", nil]
    let strata = [1, 2, 1, 2, 3, 4]
    let folds = Split.stratifiedFolds(.artist, count: 10, artists: artists, strata: strata, seed: 1)
    #expect(folds.count == 5)
    #expect(folds.allSatisfy { fold in Split.Role.allCases.allSatisfy { !fold.songs($0).isEmpty } })
    #expect(Split.stratifiedFolds(.artist, count: 10, artists: ["a", "A", "b"], strata: [1, 2, 3], seed: 1).isEmpty)
  }
}
