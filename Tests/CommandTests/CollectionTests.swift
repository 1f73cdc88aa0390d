import Foundation
import TestSupport
import Testing
import affectctl

/// `affectctl analyze --files-from`, run as a user does.
@Suite struct CollectionTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// So many short pieces, no two alike.
  private func songs(_ count: Int, seconds: Double = 5) throws -> [String] {
    try (0..<count).map { number in
      let path = directory.file("song \(number).flac")
      let music = TestSignal.music(seconds: seconds + Double(number) * 0.5, rate: 16_000).map {
        $0 * Float(number + 1) / Float(count)
      }
      try SoundFileWriter.write(music, rate: 16_000, format: .flac, to: path)
      return path
    }
  }

  private func list(_ paths: [String], _ name: String = "list") throws -> String {
    let path = directory.file(name)
    try paths.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.file(name), encoding: .utf8)
  }

  private func rows(_ name: String) throws -> [[String: String]] {
    let lines = try text(name).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
  }

  @Test func eachFileGetsARowThatSumsUpItsCurve() throws {
    let paths = try songs(3, seconds: 14)
    let run = try Program.run(
      "affectctl", ["analyze", "--files-from", list(paths), "-o", directory.file("out"), "--jobs", "2", "--curves"])
    #expect(run.status == 0)
    #expect(run.output == "")
    #expect(run.errors.contains("3 songs, 0 failures"))
    #expect(try text("out/failures.csv") == "path,reason\n")
    let rows = try rows("out/songs.csv")
    #expect(rows.map { $0["path"] } == paths)
    for (path, row) in zip(paths, rows) {
      let curve = try Program.run("affectctl", ["analyze", "-q", path])
      #expect(try text("out/curves\(path).csv") == curve.output)
      let ticks = curve.lines.dropFirst().map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
      }.filter { !$0[3].isNaN }
      func number(_ name: String) -> Double { Double(row[name] ?? "") ?? .nan }
      for (column, name) in [(1, "valence"), (2, "arousal")] {
        let values = ticks.map { $0[column] }
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)).squareRoot()
        #expect(abs(number("\(name)_mean") - mean) < 1e-4)
        #expect(abs(number("\(name)_sd") - deviation) < 1e-4)
        // Twenty ticks in a row.
        let stretch = column == 1 ? "happiest" : "most_excited"
        let means = (0...(values.count - 20)).map { values[$0..<$0 + 20].reduce(0, +) / 20 }
        let best = try #require(means.max())
        #expect(abs(number("\(stretch)_\(name)") - best) < 1e-4)
        let at = ticks[try #require(means.firstIndex(of: best)) + 19][0] - 10
        #expect(abs(number("\(stretch)_at_s") - at) < 1e-9)
      }
      for quadrant in 1...4 {
        let share = Double(ticks.count { $0[9] == Double(quadrant) }) / Double(ticks.count)
        #expect(abs(number("quadrant_\(quadrant)") - share) < 1e-4)
      }
      #expect(abs(number("confidence") - ticks.map { $0[10] }.reduce(0, +) / Double(ticks.count)) < 1e-4)
      #expect(abs(number("music_s") - Double(ticks.count) / 2) < 1e-9)
      #expect((14...15.1).contains(number("duration_s")))
      #expect((-60...0).contains(number("level_dbfs")))
      #expect(row["version"] == "0.2.0" && row["model"]?.isEmpty == false)
    }
  }

  @Test func aRunThatIsKilledThreeTimesGivesTheTableOfOne() throws {
    let paths = try songs(10)
    let list = try list(paths)
    let whole = try Program.run("affectctl", ["analyze", "--files-from", list, "-o", directory.file("whole"), "-q"])
    #expect(whole.status == 0 && whole.errors == "")
    // The system lets no process write beyond such a size: it ends in the middle of a row, by the signal or, where that is
    // ignored, by the error.
    var rowsBefore = 0
    for size in [900, 1800, 2700] {
      let run = try Program.run(
        "/usr/bin/prlimit",
        ["--fsize=\(size)", "\(Program.directory)/affectctl"]
          + ["analyze", "--files-from", list, "-o", directory.file("killed"), "-q"])
      #expect([-SIGXFSZ, 73].contains(run.status))
      #expect(!FileManager.default.fileExists(atPath: directory.file("killed/songs.csv")))
      let rows = try text("killed/journal.jsonl").split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(rows > rowsBefore)
      rowsBefore = rows
    }
    let last = try Program.run("affectctl", ["analyze", "--files-from", list, "-o", directory.file("killed")])
    #expect(last.status == 0)
    #expect(last.errors.contains("\(rowsBefore) of 10 files were done before"))
    #expect(try text("killed/songs.csv") == text("whole/songs.csv"))
    // And again: nothing is left to do.
    let again = try Program.run("affectctl", ["analyze", "--files-from", list, "-o", directory.file("killed")])
    #expect(again.status == 0 && again.errors.contains("10 of 10 files were done before"))
    #expect(try text("killed/songs.csv") == text("whole/songs.csv"))
    #expect(try text("killed/journal.jsonl").split(separator: "\n").count == 10)
  }

  @Test func whatHasChangedIsDoneAnew() throws {
    let paths = try songs(3)
    let list = try list(paths)
    func run(_ options: [String] = []) throws -> Program.Result {
      try Program.run("affectctl", ["analyze", "--files-from", list, "-o", directory.file("out")] + options)
    }
    _ = try run()
    let before = try rows("out/songs.csv")
    // Another piece under the same name.
    try SoundFileWriter.write(
      TestSignal.sine(440, amplitude: 0.3, seconds: 5, rate: 16_000), rate: 16_000, format: .flac, to: paths[1])
    #expect(try run().errors.contains("2 of 3 files were done before"))
    let after = try rows("out/songs.csv")
    #expect(after[0] == before[0] && after[1] != before[1] && after[2] == before[2])
    // Other settings.
    #expect(try !run(["--smoothing", "none"]).errors.contains("before"))
    #expect(try rows("out/songs.csv")[0] != before[0])
    // The old ones are still known.
    #expect(try run().errors.contains("3 of 3 files were done before"))
    #expect(try rows("out/songs.csv") == after)
  }

  @Test func badFilesStopNothingAndAreTold() throws {
    let good = try songs(2, seconds: 6)
    try "no sound".write(toFile: directory.file("a, \"b\".wav"), atomically: true, encoding: .utf8)
    try Data().write(to: URL(fileURLWithPath: directory.file("empty.mp3")))
    mkfifo(directory.file("fifo.wav"), 0o600)
    let long = directory.file("long.wav")
    try SoundFileWriter.write(TestSignal.music(seconds: 9, rate: 16_000), rate: 16_000, format: .wav16, to: long)
    let bad = ["absent.wav", "a, \"b\".wav", "empty.mp3", "fifo.wav", "."].map(directory.file)
    let list = try list([bad[0], good[0], bad[1], bad[2], bad[3], long, bad[4], good[1], good[0]])
    let arguments = [
      "analyze", "--files-from", list, "-o", directory.file("out"), "--longest", "8", "--jobs", "3", "--json",
    ]
    let run = try Program.run("affectctl", arguments)
    // Of what cannot be opened 66, of what is not as it should be 65.
    #expect(run.status == 66)
    #expect(run.errors.contains("2 songs, 6 failures"))
    #expect(run.errors.contains("\(bad[0]): No such file or directory"))
    let failures = try text("out/failures.csv").split(separator: "\n").dropFirst()
    #expect(failures.count == 6)
    #expect(failures.contains { $0.hasPrefix("\"\(directory.file("a, \"\"b\"\".wav"))\",") })
    #expect(failures.contains { $0 == "\(long),has more than 8 s of audio: raise --longest" })
    #expect(failures.contains { $0.hasPrefix("\(bad[3]),\"is not a regular file") })
    let songs = try text("out/songs.jsonl").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(songs.map { $0["path"] as? String } == good)
    #expect(songs.allSatisfy { $0["valence_mean"] is Double && $0["artist"] is NSNull })
    // A mended one is no failure any more.
    try FileManager.default.copyItem(atPath: good[0], toPath: bad[0])
    #expect(try Program.run("affectctl", arguments).errors.contains("3 songs, 5 failures"))
  }

  @Test func tagsAreReadFromTheFile() throws {
    let path = directory.file("tagged.mp3")
    try SoundFileWriter.write(TestSignal.music(seconds: 4, rate: 44_100), rate: 44_100, format: .mp3, to: path)
    // ID3v2.4: text frames, and those that MusicBrainz's ids lie in.
    func frame(_ name: String, _ content: [UInt8]) -> [UInt8] {
      let size = content.count
      return Array(name.utf8) + [0, 0, UInt8(size >> 7), UInt8(size & 0x7F), 0, 0] + content
    }
    let frames =
      frame("TPE1", [3] + Array("Björk, and \"friends\"".utf8)) + frame("TIT2", [3] + Array("One\nTwo".utf8))
      + frame("TALB", [3] + Array("An Album".utf8))
      + frame("TXXX", [3] + Array("MusicBrainz Album Id".utf8) + [0] + Array("album-id".utf8))
      + frame("UFID", Array("http://musicbrainz.org".utf8) + [0] + Array("track-id".utf8))
    let header = Array("ID3".utf8) + [4, 0, 0, 0, 0, UInt8(frames.count >> 7), UInt8(frames.count & 0x7F)]
    let audio = try Data(contentsOf: URL(fileURLWithPath: path))
    try (Data(header + frames) + audio).write(to: URL(fileURLWithPath: path))
    let list = try list([path])
    _ = try Program.run("affectctl", ["analyze", "--files-from", list, "-o", directory.file("out"), "--json"])
    let line = try #require(try text("out/songs.jsonl").split(separator: "\n").first)
    let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(row["artist"] as? String == "Björk, and \"friends\"")
    #expect(row["title"] as? String == "One Two")
    #expect(row["album"] as? String == "An Album")
    #expect(row["mb_trackid"] as? String == "track-id")
    #expect(row["mb_albumid"] as? String == "album-id")
    #expect(row["mb_artistid"] is NSNull)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(header + frames) + audio)
  }

  @Test func twoRunsDoNotWriteIntoOneDirectory() throws {
    let list = try list(try songs(1))
    try FileManager.default.createDirectory(atPath: directory.file("out"), withIntermediateDirectories: true)
    let journal = open(directory.file("out/journal.jsonl"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(journal) }
    #expect(flock(journal, LOCK_EX) == 0)
    let run = try Program.run("affectctl", ["analyze", "--files-from", list, "-o", directory.file("out")])
    #expect(run.status == 69)
    #expect(run.errors.contains("another affectctl analyzes into this directory"))
  }

  /// The array job, with the variables that Slurm sets.
  @Test func theTasksOfAnArrayJobShareTheList() throws {
    let paths = try songs(5) + [directory.file("absent.flac")]
    let list = try list(paths)
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../examples/slurm/analyze_collection.sbatch"
    ).standardized.path
    // More tasks than files, numbered from 3 on.
    for task in 3..<11 {
      let run = try Program.run(
        "/bin/bash", [script, list, directory.file("out")],
        environment: [
          "PATH": "\(Program.directory):/usr/bin:/bin", "SLURM_ARRAY_TASK_ID": "\(task)",
          "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_CPUS_PER_TASK": "1",
        ])
      #expect(run.status == 0, "\(run.errors)")
    }
    let parts = try (0..<8).flatMap { part -> [[String: String]] in
      let name = "out/part-\(part)/songs.csv"
      return FileManager.default.fileExists(atPath: directory.file(name)) ? try rows(name) : []
    }
    _ = try Program.run("affectctl", ["analyze", "-q", "--files-from", list, "-o", directory.file("whole")])
    let whole = try rows("whole/songs.csv")
    #expect(parts.sorted { $0["path"] ?? "" < $1["path"] ?? "" } == whole)
    #expect(whole.count == 5)
    let absent = try Program.run(
      "/bin/bash", [script, directory.file("nothing"), directory.file("out")],
      environment: ["PATH": "\(Program.directory):/usr/bin:/bin"])
    #expect(absent.status != 0)
  }

  @Test func mistakesOnTheCommandLineAreExplained() throws {
    let list = try list(["a.wav"])
    let empty = try self.list(["", ""], "nothing")
    for (arguments, status, message) in [
      (["--files-from", list], 64, "needs a directory"),
      (["--files-from", list, "b.wav", "-o", "x"], 64, "takes the place of files"),
      (["--jobs", "2", "b.wav"], 64, "--files-from"),
      (["--files-from", list, "-o", "x", "--jobs", "0"], 64, "from 1 to 256"),
      (["--files-from", list, "-o", "x", "--plot", "a.svg"], 64, "draw one file"),
      (["--files-from", directory.file("absent"), "-o", directory.file("x")], 66, "No such file"),
      (["--files-from", empty, "-o", directory.file("x")], 66, "names no file"),
      (["--files-from", list, "-o", "\(list)/x"], 73, "Not a directory"),
      ([], 64, "Missing expected argument"),
    ] as [([String], Int32, String)] {
      let run = try Program.run("affectctl", ["analyze"] + arguments)
      #expect(run.status == status, "\(arguments)")
      #expect(run.errors.contains(message), "\(arguments): \(run.errors)")
    }
  }

  @Test func listsComeFromAnySystem() {
    #expect(FileList.paths(Array("a b\nc\r\n\nd\nc\n".utf8)) == ["a b", "c", "d"])
    #expect(FileList.paths(Array("a\nb\0c\0".utf8)) == ["a\nb", "c"])
    #expect(FileList.paths([0x61, 0xFF, 10, 0x61, 0xFE]).count == 2)
    #expect(FileList.paths([]).isEmpty)
  }

  @Test func curvesStayBelowTheirDirectory() {
    #expect(CollectionRun.curvePath("/music/a.flac", in: "out") == "out/curves/music/a.flac.csv")
    #expect(CollectionRun.curvePath("../../etc/a", in: "out") == "out/curves/%2E%2E/%2E%2E/etc/a.csv")
    #expect(CollectionRun.curvePath("./a//b", in: "out") == "out/curves/a/b.csv")
  }
}
