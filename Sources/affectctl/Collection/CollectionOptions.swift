import ArgumentParser
import CommandLineSupport
import Platform

/// How a whole collection is analyzed: into a table of one row per file.
struct CollectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Analyze the files that this list names, a path a line or NUL-separated (- for standard input), into a table with a "
        + "row for each in the directory --output. Run it again after an interruption: what is done is not done twice.",
      valueName: "list"), completion: .file())
  var filesFrom: String?

  @Option(help: ArgumentHelp("Files that are worked on at once. (default: one per core)", valueName: "count"))
  var jobs: Int?

  @Flag(help: "With --files-from, write each file's curve too, below the directory.")
  var curves = false

  @Option(
    help: ArgumentHelp(
      "With --files-from, a file with more audio than this, in seconds, fails.", valueName: "seconds"))
  var longest = 14_400.0

  func validate() throws {
    guard (1...256).contains(jobs ?? 1) else { throw ValidationError("--jobs: expected a number from 1 to 256") }
    guard longest > 0, longest.isFinite else {
      throw ValidationError("--longest: expected a number of seconds above 0")
    }
    guard filesFrom != nil || jobs == nil && !curves else {
      throw ValidationError("--jobs and --curves are for a list of files: --files-from")
    }
  }
}
