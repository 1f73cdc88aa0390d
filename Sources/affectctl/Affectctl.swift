import Affect
import ArgumentParser

@main
struct Affectctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "affectctl",
    abstract: "Draws the emotion curve of sound files, and talks to affectd.",
    version: Version.number,
    subcommands: [Analyze.self, Embed.self, Monitor.self, Devices.self])
}
