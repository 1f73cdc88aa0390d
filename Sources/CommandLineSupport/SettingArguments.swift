public import Affect
public import ArgumentParser
public import AudioInput
public import Embedding
public import Publishing
public import Tracking

// How settings are read from the command line. The texts are the same in the configuration file.

extension Hop: ExpressibleByArgument {
  public init?(argument: String) {
    guard let seconds = Double(argument) else { return nil }
    self.init(seconds: seconds)
  }
}

extension Smoothing: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension VenueFollowing: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument) }
}

extension ChannelSelection: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension HostEndpoint: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension EmbeddingChoice {
  /// The help of the option that chooses an embedding.
  public static let help = ArgumentHelp(
    "What the model hears: \(allNames.joined(separator: ", ")), or several with + in between. (default: musicnn)",
    valueName: "name")

  /// Reads the option's value.
  public static func read(_ argument: String) throws -> EmbeddingChoice {
    do throws(NameProblem) { return try EmbeddingChoice(name: argument) } catch {
      throw ValidationError(error.description)
    }
  }
}
