import Affect
import Foundation
import Testing
import Training

/// The real data, which are not part of this repository: name their folder in `AFFECTD_DEAM` to have them read.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["AFFECTD_DEAM"] != nil,
    "AFFECTD_DEAM names no folder: the reader is not tried on real data"))
struct DEAMExcerptsTests {
  @Test func allSongsAreReadAndNothingIsOdd() throws {
    let set = try DataSetReader.read(ProcessInfo.processInfo.environment["AFFECTD_DEAM"] ?? "")
    #expect(set.songs.count == 1494)
    let dynamic = set.songs.filter { !$0.dynamicLabels.isEmpty }
    #expect(dynamic.count == 594)
    // 2 Hz, both ends of the ten seconds included.
    #expect(dynamic.allSatisfy { $0.dynamicLabels.map(\.time) == (0...20).map { Double($0) / 2 } })
    #expect(dynamic.allSatisfy { $0.artist != nil })
    #expect(set.songs.allSatisfy { $0.staticLabel != nil })
    #expect(set.notes.allSatisfy { $0.song == nil })
    // The columns of these tables are put right already.
    #expect(!set.notes.contains { $0.message.contains("put right") || $0.message.contains("cannot be told") })
    // 3.9 and 4.8 by the lines for DEAM.
    let label = try #require(set.songs.first { $0.identifier == "18" }?.staticLabel)
    #expect(abs(label.valence - (0.184 * 3.9 - 0.879)) < 0.02)
    #expect(abs(label.arousal - (0.204 * 4.8 - 0.946)) < 0.02)
  }
}
