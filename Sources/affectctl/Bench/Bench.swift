import ArgumentParser

struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures how well affectd does its work.",
    subcommands: [BenchFollow.self, BenchService.self, BenchVenue.self])
}
