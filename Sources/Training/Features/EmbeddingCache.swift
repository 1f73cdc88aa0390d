public import Affect
internal import FoundationEssentials
internal import Glibc
internal import NeuralNetwork

/// Embeddings that were computed before, a small `safetensors` file for each song. What determines them is in the path:
/// the network with its weights, the hop, and the bytes of the audio file.
public struct EmbeddingCache: Sendable {
  private let directory: String

  /// - Parameters:
  ///   - root: the folder of all caches; it is made when something is stored.
  ///   - network: identifier of the embedding.
  ///   - weights: path of its weights.
  public init(root: String, network: String, weights: String, hop: Hop) {
    let fingerprint = ContentHash(ofFile: weights).map(\.description) ?? "unknown"
    directory = "\(root)/\(network)-\(fingerprint)/hop-\(hop.seconds)"
  }

  /// Where the caches lie if nothing else is said: `affectd/embeddings` in the user's cache (XDG Base Directory
  /// Specification).
  public static var standardRoot: String {
    let environment = ProcessInfo.processInfo.environment
    // The specification has relative paths ignored.
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return "\(cache)/affectd/embeddings" }
    return "\(environment["HOME"] ?? "/tmp")/.cache/affectd/embeddings"
  }

  /// The embeddings of `audio`; nil if they are not there, or are damaged.
  public func load(audio path: String) -> SongEmbeddings? {
    guard let place = place(of: path), access(place, R_OK) == 0, let file = try? SafetensorsFile(path: place),
      let times = try? file.tensor("time_s"), let values = try? file.tensor("embedding"),
      let duration = try? file.tensor("duration_s", shape: [1]), values.shape.count == 2,
      times.shape == [values.shape[0]]
    else { return nil }
    return SongEmbeddings(
      // A time that is a multiple of a microsecond, as the hop's.
      times: times.values.map { (Double($0) * 1e4).rounded() / 1e4 }, values: values.values,
      dimension: values.shape[1], duration: Double(duration.values[0]))
  }

  /// Keeps `embeddings`. A cache that cannot be written is none: the next run computes them again.
  ///
  /// - Returns: whether it was written.
  @discardableResult
  public func store(_ embeddings: SongEmbeddings, audio path: String) -> Bool {
    guard let place = place(of: path),
      (try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)) != nil
    else { return false }
    let count = embeddings.times.count
    let written: Void? = try? SafetensorsWriter.write(
      [
        ("embedding", Tensor(shape: [count, embeddings.dimension], values: embeddings.values)),
        ("time_s", Tensor(shape: [count], values: embeddings.times.map(Float.init))),
        ("duration_s", Tensor(shape: [1], values: [Float(embeddings.duration)])),
      ], to: place)
    return written != nil
  }

  private func place(of path: String) -> String? {
    ContentHash(ofFile: path).map { "\(directory)/\($0).safetensors" }
  }
}
