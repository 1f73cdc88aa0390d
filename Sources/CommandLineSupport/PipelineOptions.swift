public import Affect
public import ArgumentParser
public import AudioInput
public import Embedding
internal import Platform
public import Tracking

/// The command-line options behind ``PipelineSettings``, the same for every command.
public struct PipelineOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "The channels to listen to: average, left, right or a number from 1 on. (default: average)",
      valueName: "channel"), completion: .list(["average", "left", "right", "1", "2"]))
  public var channel: ChannelSelection?

  @Option(help: ArgumentHelp("Seconds from one value to the next, 0.05 to 5. (default: 0.5)", valueName: "seconds"))
  public var hop: Hop?

  @Option(
    help: EmbeddingChoice.help, completion: .list(EmbeddingChoice.allNames), transform: EmbeddingChoice.read)
  public var embedding: EmbeddingChoice?

  @Option(
    help: ArgumentHelp("Weights of the embedding network, a safetensors file.", valueName: "file"), completion: .file())
  public var weights: String?

  @Option(
    help: ArgumentHelp(
      "Threads that work on a window of OpenL3, 1 to 8. (default: 1)", valueName: "count"),
    transform: { text in
      guard let count = Int(text), PipelineSettings.threadCounts.contains(count) else {
        throw ValidationError("expected a number from 1 to 8")
      }
      return count
    })
  public var threads: Int?

  @Option(help: ArgumentHelp("The emotion model, a safetensors file.", valueName: "file"), completion: .file())
  public var model: String?

  @Option(
    help: ArgumentHelp(
      "How the values are smoothed: adaptive, one-euro, exponential:SECONDS or none. (default: adaptive)",
      valueName: "kind"), completion: .list(["adaptive", "one-euro", "exponential:", "none"]))
  public var smoothing: Smoothing?

  @Option(
    help: ArgumentHelp(
      "What is followed of the venue, over many pieces. (default: spectrum)",
      valueName: "what"))
  public var adapt: VenueFollowing?

  @Option(
    help: ArgumentHelp(
      "A calibration of the venue, as affectctl calibrate --out writes it.", valueName: "file"), completion: .file(),
    transform: { path in
      do throws(Failure) { return try CalibrationFile.read(path).calibration } catch {
        throw ValidationError(error.description)
      }
    })
  public var calibration: Calibration?

  public init() {}

  /// `settings` with what the command line says in its place.
  public func applied(to settings: PipelineSettings) -> PipelineSettings {
    var result = settings
    if let channel { result.channel = channel }
    if let hop { result.hop = hop }
    if let embedding { result.embedding = embedding }
    if let weights { result.weights = weights }
    if let threads { result.threads = threads }
    if let model { result.model = model }
    if let smoothing { result.smoothing = smoothing }
    if let adapt { result.following = adapt }
    if let calibration { result.calibration = calibration }
    return result
  }
}
