import Platform
import TestSupport
import Testing
import Training

@Suite struct CSVTableTests {
  private func table(_ text: String) throws -> CSVTable { try CSVTable(bytes: Array(text.utf8), path: "dir/t.csv") }

  private func error(_ bytes: [UInt8]) -> Failure? {
    do throws(Failure) {
      _ = try CSVTable(bytes: bytes, path: "t.csv")
      return nil
    } catch {
      return error
    }
  }

  @Test func fieldsAreSplitAtCommasAndRowsKnowTheirLines() throws {
    let table = try table("a,b\n1,2\n\n3,\n")
    #expect(table.name == "t.csv")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows.map(\.fields) == [["1", "2"], ["3", ""]])
    #expect(table.rows.map(\.line) == [2, 4])
    #expect(table.raggedRows.isEmpty && table.problems.isEmpty)
  }

  @Test func spacesAroundFieldsAreNoPartOfThem() throws {
    let table = try table("song_id, valence_mean ,\tarousal\n 1 ,\t2.5, two words \n")
    #expect(table.columns == ["song_id", "valence_mean", "arousal"])
    #expect(table.rows.map(\.fields) == [["1", "2.5", "two words"]])
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func everyLineEndWillDo(end: String) throws {
    let table = try table("\u{FEFF}a,b\(end)1,2\(end)3,4")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows.map(\.fields) == [["1", "2"], ["3", "4"]])
    #expect(table.rows.map(\.line) == [2, 3])
  }

  @Test func quotesHoldCommasQuotesSpacesAndLineEnds() throws {
    let table = try table("a,b\n\"x, y\", \"say \"\"hi\"\"\" \n\" s \",\"two\r\nlines\"\nlast,\"\"\n")
    #expect(table.rows.map(\.fields) == [["x, y", "say \"hi\""], [" s ", "two\nlines"], ["last", ""]])
    #expect(table.rows.map(\.line) == [2, 3, 5])
  }

  @Test func aQuoteWithinAFieldIsACharacter() throws {
    #expect(try table("a,b\n7\" single,\"x\"y\n").rows.map(\.fields) == [["7\" single", "xy"]])
  }

  /// Whether or not the quotes of a later line seem to close it.
  @Test(arguments: ["fine", "\"fine\""]) func anUnclosedQuoteTakesNoMoreThanItsLine(last: String) throws {
    let table = try table("a,b\n1,\"open\n2,ok\n3,\(last)\n")
    #expect(table.rows.map(\.fields) == [["1", "open"], ["2", "ok"], ["3", "fine"]])
    #expect(table.problems.count == 1 && table.problems[0].hasPrefix("line 2:"))
  }

  @Test(arguments: [";", "\t"]) func otherSeparatorsAreReadAndToldOf(separator: String) throws {
    let text = ["id;valence;name", "1;0,25;a, b", "2;-1,5;\"c;d\"", "3;7;1,2,3"].joined(separator: "\n")
    let table = try table(text.replacing("c;d", with: "C").replacing(";", with: separator).replacing("C", with: "c;d"))
    #expect(table.columns == ["id", "valence", "name"])
    #expect(table.rows.map(\.fields) == [["1", "0.25", "a, b"], ["2", "-1.5", "c;d"], ["3", "7", "1,2,3"]])
    #expect(table.problems.count == 1 && table.problems[0].contains("decimal commas"))
  }

  @Test func aTabBesideCommasIsASpace() throws {
    #expect(try table("a,b\n1\t,\t2\n").rows.map(\.fields) == [["1", "2"]])
  }

  @Test func latin1IsReadAndToldOf() throws {
    let table = try CSVTable(bytes: Array("id,artist\n1,Bj".utf8) + [0xF6] + Array("rk\n".utf8), path: "t.csv")
    #expect(table.rows.map(\.fields) == [["1", "Björk"]])
    #expect(table.problems == ["is not UTF-8; it is read as Latin-1"])
  }

  @Test func raggedRowsStandApart() throws {
    let table = try table("a,b\n1\n2,3\n4,5,6\n7,8,,\n")
    #expect(table.rows.map(\.fields) == [["2", "3"], ["7", "8"]])
    #expect(table.raggedRows.map(\.fields) == [["1"], ["4", "5", "6"]])
    #expect(table.raggedRows.map(\.line) == [2, 4])
    #expect(table.raggedRows[0][1].isEmpty)
  }

  @Test func columnsAreFoundWithoutRegardToCase() throws {
    let table = try table("Song_ID,Artist name\n")
    #expect(try table.index(ofColumn: "song_id") == 0)
    #expect(table.firstIndex(ofColumn: "artist", "ARTIST NAME") == 1)
    #expect(table.firstIndex(ofColumn: "title") == nil)
    let error = #expect(throws: Failure.self) { try table.index(ofColumn: "title") }
    #expect(error?.code == .invalidData)
    #expect(error?.description == "dir/t.csv: has no column 'title', among 2: 'Song_ID', 'Artist name'")
  }

  @Test func whatIsNoTableIsRefused() {
    #expect(error([])?.description == "t.csv: is empty")
    #expect(error(Array("\n\r\n".utf8))?.description == "t.csv: is empty")
    #expect(error([0xFF, 0xFE, 0x61, 0])?.description.contains("UTF-16") == true)
    let commas = [UInt8](repeating: UInt8(ascii: ","), count: CSVTable.maximumFieldCount + 1)
    #expect(error(commas)?.description.contains("fields") == true)
  }

  @Test func filesThatCannotBeReadAreNamed() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("a\n1\n", to: "a.csv")
    #expect(try CSVTable(path: path).rows.map(\.fields) == [["1"]])
    for missing in [directory.path, directory.file("none.csv"), "/dev/zero"] {
      let error = #expect(throws: Failure.self) { try CSVTable(path: missing) }
      #expect(error?.code == .noInput)
      #expect(error?.description.hasPrefix("\(missing): ") == true)
    }
  }
}
