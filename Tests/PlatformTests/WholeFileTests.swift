import Foundation
import Platform
import TestSupport
import Testing

@Suite struct WholeFileTests {
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
