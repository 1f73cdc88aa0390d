import Testing
import Training

@Suite struct FoldsTests {
  @Test(arguments: [SplitProtocol.artist, .song], [3, 5, 10])
  func eachSongIsTestedAndValidatedOnce(splitProtocol: SplitProtocol, count: Int) {
    let artists = (0..<97).map { $0 % 5 == 0 ? nil : "artist \($0 / 4)" as String? }
    let folds = Split.folds(
      splitProtocol, count: count, artists: artists, frameCounts: Array(repeating: 2, count: 97), seed: 7)
    #expect(folds.count == count)
    for role in [Split.Role.test, .validation] {
      #expect(folds.flatMap { $0.songs(role) }.sorted() == Array(0..<97))
    }
    for fold in folds {
      #expect(abs(fold.songs(.test).count - 97 / count) <= 2)
      #expect(fold.songs(.training).count == 97 - fold.songs(.test).count - fold.songs(.validation).count)
      #expect(Set(fold.songs(.test)).isDisjoint(with: fold.songs(.validation)))
      #expect(!fold.songs(.training).isEmpty)
    }
  }

  @Test func byFrameEachFrameIsTestedOnce() {
    let frameCounts = [30, 1, 25]
    let folds = Split.folds(.frame, count: 4, artists: [nil, nil, nil], frameCounts: frameCounts, seed: 7)
    #expect(folds.count == 4)
    for (song, count) in frameCounts.enumerated() {
      for frame in 0..<count {
        #expect(folds.filter { $0.role(song: song, frame: frame) == .test }.count == 1)
      }
    }
  }

  @Test func thereAreNoMoreFoldsThanArtists() {
    let artists: [String?] = ["a", "a", "b", "c", "d", nil]
    let frameCounts = Array(repeating: 1, count: 6)
    let folds = Split.folds(.artist, count: 10, artists: artists, frameCounts: frameCounts, seed: 1)
    #expect(folds.count == 5)
    #expect(folds.allSatisfy { !$0.songs(.test).isEmpty && !$0.songs(.training).isEmpty })
    #expect(Split.folds(.artist, count: 10, artists: ["a", "b"], frameCounts: [1, 1], seed: 1).isEmpty)
  }

  @Test func theSeedDeterminesTheFolds() {
    let folds = { (seed: UInt64) in
      Split.folds(
        .song, count: 4, artists: Array(repeating: nil, count: 40), frameCounts: Array(repeating: 1, count: 40),
        seed: seed)
    }
    #expect(folds(1) == folds(1))
    #expect(folds(1) != folds(2))
  }
}
