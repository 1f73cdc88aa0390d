import Affect
import ArgumentParser
import CommandLineSupport
import Platform

@main
struct Affectctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "affectctl",
    abstract: "Draws the emotion curve of sound files, and talks to affectd.",
    version: Version.report(of: "affectctl"),
    groupedSubcommands: [
      CommandGroup(name: "Files", subcommands: [Analyze.self, Embed.self, Noise.self]),
      CommandGroup(name: "Models", subcommands: [Train.self, Evaluate.self, Compare.self, Recipes.self, Card.self]),
      CommandGroup(
        name: "A running affectd",
        subcommands: [
          MonitorCommand.self, State.self, Stats.self, Config.self, Pause.self, Resume.self, Freeze.self, Reset.self,
          Adjust.self, Mark.self, Calibrate.self, Ping.self, Record.self, Replay.self, Plot.self, Simulate.self,
        ]),
      CommandGroup(name: "This machine", subcommands: [Setup.self, Devices.self, Bench.self]),
    ])

  static func main() async { await main(FileName.arguments) }
}
