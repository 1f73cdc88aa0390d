import Foundation
import TestSupport

/// `oscdump` of Debian's liblo-tools on a free port, which it prints what it receives from.
final class Oscdump {
  let port: Int
  private let process: ChildProcess
  private let lines: LineReader

  init() throws {
    port = try FreePort.find(SOCK_DGRAM)
    let pipe = try OwnedPipe()
    process = try Program.start("/usr/bin/oscdump", ["-L", "\(port)"], output: pipe.writing)
    lines = LineReader(descriptor: pipe.reading, keeping: pipe)
  }

  /// The lines up to one that contains `text`.
  func read(until text: String) throws -> [String] {
    var read: [String] = []
    while let line = try lines.next() {
      read.append(line)
      if line.contains(text) { break }
    }
    return read
  }
}

/// python-osc's own server, in the environment of `tools/`, printing a JSON object per bundle.
final class PythonOSC {
  let port: Int
  private let process: ChildProcess
  private let lines: LineReader

  init() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let pipe = try OwnedPipe()
    process = try Program.start(
      "\(root)/.build/venv/bin/python", ["\(root)/Tests/CommandTests/osc_receiver.py"], output: pipe.writing)
    lines = LineReader(descriptor: pipe.reading, keeping: pipe)
    port = Int(try lines.next() ?? "") ?? 0
  }

  /// The next bundle, address to value, that fits.
  func nextBundle(where fits: ([String: Double]) -> Bool) throws -> [String: Double] {
    for _ in 0..<1000 {
      guard let line = try lines.next() else { break }
      let bundle = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      let numbers = bundle.compactMapValues { $0 as? Double }
      if fits(numbers) { return numbers }
    }
    return [:]
  }
}
