import Foundation
import Platform
import TestSupport
import Testing

/// A small folder of synthetic music with labels, and what is trained on it.
struct GeneratedSongs {
  let directory: TemporaryDirectory
  var data: String { directory.file("data") }
  var quadrants: String { directory.file("quadrants") }
  var model: String { directory.file("m.safetensors") }

  /// Songs of 5 s: the higher the number, the louder the drums over a pad, and the higher the arousal.
  func write(_ songs: Int = 12) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: "\(data)/audio", withIntermediateDirectories: true)
    var tables = ["valence": "song_id,", "arousal": "song_id,"]
    let times = stride(from: 0, through: 5000, by: 500).map { "sample_\($0)ms" }.joined(separator: ",")
    for name in tables.keys { tables[name] = "song_id,\(times)\n" }
    var list = "song_id,artist,excerpt_start_s,excerpt_end_s\n"
    let pad = TestSignal.sine(220, amplitude: 0.1, seconds: 5, rate: 16_000)
    var generator = SeededGenerator(seed: 1)
    for song in 1...songs {
      let strength = Float(song) / Float(songs)
      let samples = Self.drums(of: strength, over: pad, &generator)
      try SoundFileWriter.write(samples, rate: 16_000, format: .flac, to: "\(data)/audio/\(song).flac")
      for (name, value) in [("valence", 0.1 - strength / 5), ("arousal", strength - 0.5)] {
        tables[name]! += "\(song)" + String(repeating: ",\(value)", count: 11) + "\n"  // both are there
      }
      list += "\(song),band \(song % 7),0,5\n"
    }
    for (name, text) in tables { try write(text, to: "\(data)/dynamic_\(name).csv") }
    try write(list, to: "\(data)/songs.csv")
  }

  /// Songs of 5 s in folders Q1 to Q4: a high pad is glad, loud drums are excited. Half of the artists have two songs.
  func writeQuadrants(_ songsOfEach: Int = 3) throws {
    var generator = SeededGenerator(seed: 2)
    var list = "Song,Artist\n"
    for quadrant in 1...4 {
      let folder = "\(quadrants)/Q\(quadrant)"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for number in 0..<songsOfEach {
        let isGlad = quadrant == 1 || quadrant == 4
        let pitch = Double((isGlad ? 660 : 220) + 20 * number)
        let pad = TestSignal.sine(pitch, amplitude: 0.1, seconds: 5, rate: 16_000)
        let samples = Self.drums(of: quadrant <= 2 ? 0.9 : 0.1, over: pad, &generator)
        try SoundFileWriter.write(samples, rate: 16_000, format: .flac, to: "\(folder)/s\(quadrant)\(number).flac")
        list += "s\(quadrant)\(number),band \(quadrant)\(number / 2)\n"
      }
    }
    try write(list, to: "\(quadrants)/artists.csv")
  }

  private static func drums(
    of strength: Float, over pad: [Float], _ generator: inout SeededGenerator
  ) -> [Float] {
    pad.enumerated().map { index, value in
      value + strength * Float.random(in: -0.5...0.5, using: &generator) * exp(-Float(index % 2_000) / 400)
    }
  }

  func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

  func run(_ arguments: [String]) throws -> Program.Result { try Program.run("affectctl", arguments) }

  /// Trains ``model``.
  ///
  /// - Parameter data: nil for the songs with labels over time.
  func train(_ arguments: [String], on data: String? = nil) throws -> Program.Result {
    try run(["train", data ?? self.data, "--cache", directory.file("cache"), "--out", model] + arguments)
  }

  /// The daemon publishes of `song` what `analyze` writes, value by value.
  func expectTheSameLive(_ song: String, input: String) throws {
    let options = ["--embedding", input, "--model", model, "--hop", "0.25"]
    let curve = try run(["analyze", song] + options)
    #expect(curve.status == 0 && curve.lines.count > 5, "\(curve.errors)")
    let columns = try #require(curve.lines.first).split(separator: ",").map(String.init)
    let rows = curve.lines.dropFirst().map {
      Dictionary(
        uniqueKeysWithValues: zip(columns, $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)))
    }
    let daemon = try Daemon(["--input", "file:\(song)"] + options)
    let client = try SocketClient(daemon.socket)
    var compared = 0
    // The stream ends with the file.
    while let line = try client.next() {
      guard let seq = line["seq"] as? Int, line["state"] as? String == "tracking", line["valence"] is Double else {
        continue
      }
      let row = try #require(rows.first { $0["time_s"].flatMap(Double.init) == Double(seq) * 0.25 })
      for name in ["valence", "arousal", "confidence", "quadrant"] {
        let written = try #require(row[name])
        #expect((line[name] as? NSNumber)?.doubleValue == Double(written), "\(name): \(written)")
      }
      compared += 1
    }
    #expect(compared >= 6)
  }
}
