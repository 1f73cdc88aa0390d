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

extension EmbeddingChoice: ExpressibleByArgument {
  public init?(argument: String) { self.init(name: argument) }
}
