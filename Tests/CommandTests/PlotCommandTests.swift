import Foundation
import TestSupport
import Testing

/// `analyze --plot` and `plot`, run as a user does.
@Suite struct PlotCommandTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func music() throws -> String {
    let path = directory.file("music.wav")
    try SoundFileWriter.write(TestSignal.music(seconds: 12, rate: 16_000), rate: 16_000, format: .wav16, to: path)
    return path
  }

  /// Width and height of a PNG, out of its header (PNG specification, 11.2.2).
  private func size(_ path: String) throws -> (width: Int, height: Int) {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    try #require(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) && bytes.count > 10_000)
    func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }

  @Test func aCurveIsDrawnBesideTheTable() throws {
    let (svg, png) = (directory.file("curve.svg"), directory.file("plane.png"))
    let result = try Program.run("affectctl", ["analyze", try music(), "--plot", svg, "--plot-plane", png, "--quiet"])
    #expect(result.status == 0 && result.lines.count == 25, "\(result.errors)")
    let text = try String(contentsOfFile: svg, encoding: .utf8)
    let curve = try #require(text.firstMatch(of: /class="valence" points="([^"]*)"/)?.1)
    let valued = result.lines.dropFirst().count { !$0.contains(",,,,") }
    #expect(curve.split(separator: " ").count == valued)
    #expect(try size(png) == (1440, 1360))
  }

  @Test func aShowIsDrawnWithItsMarks() throws {
    let lines = (1...40).map { tick in
      #"{"type":"affect","seq":\#(tick),"audio_time":\#(Double(tick) / 2),"unix_time":\#(1000 + Double(tick) / 2),"#
        + #""valence":0.5,"arousal":-0.5,"raw":{"valence":0.5,"arousal":-0.5},"level":-20,"state":"tracking"}"#
    }
    let mark = #"{"type":"mark","label":"second set","unix_time":1010.2}"#
    let text = ([#"{"type":"hello","protocol":1,"hop":0.5}"#] + lines.prefix(20) + [mark] + lines.dropFirst(20))
      .joined(separator: "\n")
    let (show, picture) = (try directory.write(text + "\n", to: "show.jsonl"), directory.file("show.svg"))
    #expect(try Program.run("affectctl", ["plot", show, "--plot", picture]).status == 0)
    let svg = try String(contentsOfFile: picture, encoding: .utf8)
    #expect(svg.contains("second set") && svg.contains("show.jsonl"))
  }

  @Test func whatCannotBeDrawnIsSaidBeforeTheWork() throws {
    let file = try music()
    let kind = try Program.run("affectctl", ["analyze", file, "--plot", "x.jpg"])
    #expect(kind.status == 64 && kind.errors.contains("ends in .svg or .png") && kind.output.isEmpty)
    let place = try Program.run("affectctl", ["analyze", file, "--plot", "/nonexistent/x.svg"])
    #expect(place.status == 73 && place.output.isEmpty)
    #expect(try Program.run("affectctl", ["analyze", file, file, "--plot", "x.svg"]).status == 64)
    #expect(try Program.run("affectctl", ["plot", file]).status == 64)
    let none = try Program.run(
      "affectctl", ["analyze", file, "--plot", directory.file("x.png")], environment: ["PATH": directory.path])
    #expect(none.status == 69 && none.errors.contains("install librsvg2-bin"), "\(none.errors)")
    let empty = try directory.write(#"{"type":"hello","protocol":1,"hop":0.5}"# + "\n", to: "empty.jsonl")
    let nothing = try Program.run("affectctl", ["plot", empty, "--plot", directory.file("y.svg")])
    #expect(nothing.status == 65 && nothing.errors.contains("nothing that could be drawn"))
    #expect(access(directory.file("y.svg"), F_OK) != 0)
  }
}
