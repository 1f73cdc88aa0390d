import Foundation
import Platform
import TestSupport
import Testing

@Suite struct WholeFileTests {
  /// Whatever ends the process, nothing lies about.
  @Test func aFileHasNoNameBeforeItIsWhole() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("result")
    let file = try WholeFile(path)
    try file.write(Array("whole".utf8))
    #expect(try Platform.Directory.names(in: directory.path) == [])
    try file.finish()
    #expect(try Platform.Directory.names(in: directory.path) == ["result"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "whole")
    // In the place of another one, whose rights it takes over.
    chmod(path, 0o640)
    let next = try WholeFile(path)
    try next.write(Array("next".utf8))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "whole")
    try next.finish()
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "next")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o640)
    // And one that is given up leaves the old one.
    do { try WholeFile(path).write(Array("never".utf8)) }
    #expect(try Platform.Directory.names(in: directory.path) == ["result"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "next")
  }

  /// Whoever comes last wins, and nobody sees a mixture.
  @Test func writersOfTheSameFileDoNotMeet() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("result")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for byte in UInt8(1)...8 {
        group.addTask {
          for _ in 0..<50 {
            let file = try WholeFile(path)
            for _ in 0..<20 { try file.write([UInt8](repeating: byte, count: 500)) }
            try file.finish()
          }
        }
      }
      try await group.waitForAll()
    }
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(bytes.count == 10_000 && Set(bytes).count == 1)
    #expect(try Platform.Directory.names(in: directory.path) == ["result"])
  }
}
