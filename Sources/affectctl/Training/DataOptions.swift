import ArgumentParser
import CommandLineSupport
import Glibc
import Training

/// Labelled music, as the commands that train and judge models take it.
struct DataOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Folder with labelled music: DEAM or PMEmo as published, or a folder with audio/ and the tables of your own.",
      valueName: "data"))
  var data: String

  @Option(
    help: ArgumentHelp(
      "How the folder is laid out: \(DataSetLayout.allCases.map(\.rawValue).joined(separator: ", ")). (default: what it "
        + "looks like)", valueName: "layout"))
  var layout: DataSetLayout?

  @Option(
    help: ArgumentHelp(
      "Leave out the songs whose number is this or higher, such as 2001: DEAM's whole songs.", valueName: "number"))
  var idsBelow: Int?

  @Flag(help: "Print what was odd about each song, not only how many songs were.")
  var verbose = false

  /// Reads the folder and tells the person what was odd.
  func read() throws -> DataSet {
    let set = try DataSetReader.read(data, only: layout)
    report(set.notes)
    guard let idsBelow else { return set }
    return DataSet(
      name: set.name, songs: set.songs.filter { Int($0.identifier).map { $0 < idsBelow } ?? true }, notes: set.notes)
  }

  /// Of many notes on single songs the first ones are shown.
  func report(_ notes: [DataSetNote]) {
    let shown = verbose ? notes.count : 10
    for note in notes.prefix(shown) { Console.warn("affectctl", note.description) }
    if notes.count > shown {
      Console.warn("affectctl", "… and \(notes.count - shown) notes more: --verbose prints them all")
    }
  }
}
