import Foundation
import Platform
import TestSupport
import Testing

@Suite struct WholeFileTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [] }

  private func text(_ name: String) -> String? { try? String(contentsOfFile: directory.file(name), encoding: .utf8) }

  @Test func itTakesItsPlaceAtTheEnd() throws {
    _ = try directory.write("old", to: "a")
    let file = try WholeFile(directory.file("a"))
    try file.write(Array("new".utf8))
    #expect(text("a") == "old")
    try file.finish()
    #expect(text("a") == "new" && names == ["a"])
  }

  @Test func whatIsNotFinishedLeavesNothing() throws {
    _ = try directory.write("old", to: "a")
    do {
      let file = try WholeFile(directory.file("a"))
      try file.write(Array("new".utf8))
      let other = try WholeFile(directory.file("b"))
      try other.write([1])
    }
    #expect(text("a") == "old" && names == ["a"])
  }

  @Test func anInputIsNotOverwritten() throws {
    let path = try directory.write("music", to: "a")
    try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: path)
    try FileManager.default.linkItem(atPath: path, toPath: directory.file("hard"))
    for name in ["a", "link", "hard"] {
      let error = #expect(throws: FileError.self) {
        _ = try WholeFile(directory.file(name), inputs: [directory.file("none"), path])
      }
      #expect(error?.description.contains("is also what is read") == true)
    }
    #expect(text("a") == "music")
  }

  @Test func aLinkStaysOne() throws {
    let path = try directory.write("old", to: "a")
    try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: path)
    try WholeFile.write(Array("new".utf8), to: directory.file("link"))
    #expect(text("a") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory.file("link")) == path)
  }

  @Test func theRightsStay() throws {
    let path = try directory.write("old", to: "a")
    chmod(path, 0o640)
    try WholeFile.write([1], to: path)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
  }

  @Test func aDeviceIsWrittenTo() throws {
    try WholeFile.write(Array("x".utf8), to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func aFolderThatIsNotThereIsAnError() {
    #expect(throws: FileError.self) { _ = try WholeFile(directory.file("none/a")) }
    #expect(throws: FileError.self) { _ = try WholeFile(directory.path) }
  }
}
