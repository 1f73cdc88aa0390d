import Foundation
import Platform
import TestSupport
import Testing
import Training

@Suite struct FeatureTableTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func table(_ text: String, name: String = "top.csv") throws -> FeatureTable {
    try FeatureTable(path: try directory.write(Data(text.utf8), to: name))
  }

  private func failure(_ text: String) throws -> Failure {
    let path = try directory.write(Data(text.utf8), to: "top.csv")
    return try #require(throws: Failure.self) { try FeatureTable(path: path) }
  }

  @Test func eachSongHasItsValuesInTheOrderOfTheColumns() throws {
    let table = try table("SongID,F1,\"F, 2\",F3\nMT1,1,-2.5,1e3\n0002,4,5,6\n", name: "top 100.csv")
    #expect(table.identifier == "table-top 100-3")
    #expect(table.names == ["F1", "F, 2", "F3"])
    #expect(table.values(of: "MT1") == [1, -2.5, 1000])
    #expect(table.values(of: "2") == [4, 5, 6] && table.values(of: "02.wav") == [4, 5, 6])
    #expect(table.values(of: "MT2") == nil && table.values(of: "") == nil)
    #expect(table.songCount == 2 && table.notes.isEmpty)
  }

  @Test(arguments: ["SongID", "song_id", "ID"])
  func theSongsAreFoundByTheNameOfTheirColumn(name: String) throws {
    let table = try table("F1,\(name),F2\n1,7,2\n")
    #expect(table.names == ["F1", "F2"] && table.values(of: "7") == [1, 2])
  }

  @Test func otherwiseTheSongsAreInTheFirstColumn() throws {
    let table = try table("clip,F1\na,1\nb,2\n")
    #expect(table.names == ["F1"] && table.values(of: "b") == [2])
  }

  @Test func columnsThatAreNoFeaturesAreLeftOutAndTold() throws {
    let table = try table(
      """
      ,SongID,F1,Quadrant,Title,Empty,Key,valence_mean,F2
      0,a,1,1,One,,C,0.5,3
      1,b,2,2,Two,,7,0.5,4
      """)
    #expect(table.names == ["F1", "F2"])
    #expect(table.values(of: "a") == [1, 3] && table.values(of: "b") == [2, 4])
    #expect(
      table.notes.map(\.message) == [
        "top.csv: columns without a name are left out: ''",
        "top.csv: columns that are labels by their names are left out: 'Quadrant', 'valence_mean'",
        "top.csv: columns with text are left out: 'Title', 'Key'",
        "top.csv: columns without numbers are left out: 'Empty'",
      ])
  }

  @Test(arguments: ["", "nan", "inf", "1e60", "NA"])
  func aRowWithoutAllItsNumbersIsLeftOutAndTold(cell: String) throws {
    let table = try table("song_id,F1,F2\na,1,2\nb,3,\(cell)\nc,5,6\n")
    #expect(table.values(of: "b") == nil && table.songCount == 2)
    #expect(table.values(of: "a") == [1, 2] && table.values(of: "c") == [5, 6])
    #expect(
      table.notes == [
        DataSetNote(song: "b", message: "top.csv, line 3: F2 is '\(cell)', no finite number; the row is left out")
      ])
  }

  @Test func rowsThatCannotBeUsedAreTold() throws {
    let table = try table("song_id,F1\n1,1\n01.0,2\n,3\n4\n.x,5\n6,6\n")
    #expect(table.songCount == 2 && table.values(of: "1") == [1] && table.values(of: "6") == [6])
    let messages = table.notes.map(\.description)
    for text in [
      "song 1: top.csv, line 3: the song has a row already", "line 4: has no song", "line 5: has 1 fields",
      "line 6: has the song identifier '.x'",
    ] {
      #expect(messages.contains { $0.contains(text) }, "\(messages)")
    }
  }

  @Test func whatIsNoTableOfFeaturesIsRefused() throws {
    let missing = try #require(throws: Failure.self) { try FeatureTable(path: directory.file("none.csv")) }
    #expect(missing.code == .noInput)
    #expect(try failure("").description.contains("is empty"))
    #expect(try failure("song_id,Title\na,One\n").description.contains("no column of numbers"))
    #expect(try failure("song_id,F1\n").description.contains("no column of numbers"))
    let empty = try failure("song_id,F1,F2\na,,1\nb,1,\n")
    #expect(empty.code == .invalidData)
    #expect(empty.description.contains("no song with all its values"))
    #expect(empty.description.contains("song a: top.csv, line 2: F1 is ''"))
  }

  @Test func thereAreNoMoreValuesThanThatManyForASong() throws {
    let numbers = 1...FeatureTable.maximumValueCount
    let header = numbers.map { ",F\($0)" }.joined()
    let row = numbers.map { ",\($0)" }.joined()
    #expect(try table("id\(header)\na\(row)\n").values(of: "a") == numbers.map { Float($0) })
    let error = try failure("id\(header),G\na\(row),1\n")
    #expect(error.description.contains("4097 values for each song; up to 4096"))
  }

  @Test func otherSeparatorsWillDo() throws {
    let table = try table("SongID;F1;F2\na;0,5;2\n")
    #expect(table.values(of: "a") == [0.5, 2])
    #expect(table.notes.map(\.message).contains { $0.contains("semicolons") })
  }
}
