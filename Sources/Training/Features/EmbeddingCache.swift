public import Affect
internal import FoundationEssentials
internal import Glibc
internal import NeuralNetwork

/// Embeddings that were computed before, a small `safetensors` file for each song. What determines them is in the path:
/// the version of what computes them, the network with its weights, the hop, and the bytes of the audio file.
public struct EmbeddingCache: Sendable {
  private let directory: String

  /// To be raised when the same audio gives other embeddings: by another decoder, resampler, front end or network.
  static let version = 2

  /// - Parameters:
  ///   - root: the folder of all caches; it is made when something is stored.
  ///   - network: identifier of the embedding.
  ///   - weights: paths of its weights, those of one part behind the other; descriptors have none.
  public init(root: String, network: String, weights: [String], hop: Hop) {
    let fingerprints = weights.map { ContentHash(ofFile: $0)?.description ?? "unknown" }
    let fingerprint = weights.isEmpty ? "weightless" : fingerprints.joined(separator: "-")
    directory = "\(root)/v\(Self.version)/\(network)-\(fingerprint)/hop-\(hop.seconds)"
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
  public func load(audio path: String, copy: VenueCopy? = nil) -> SongEmbeddings? {
    guard let place = place(of: path, copy), access(place, R_OK) == 0, let file = try? SafetensorsFile(path: place),
      let values = try? file.tensor("embedding"), values.shape.count == 2,
      let times = try? file.tensor("time_s", shape: [values.shape[0], Self.partCount]),
      let duration = try? file.tensor("duration_s", shape: [1, Self.partCount])
    else { return nil }
    return SongEmbeddings(
      times: Self.joined(times.values), values: values.values, dimension: values.shape[1],
      duration: Self.joined(duration.values)[0])
  }

  /// The file holds single precision, in which times beyond some minutes are not exact: a time is four whole numbers of
  /// 16 bits, the lowest first.
  private static let partCount = 4

  private static func parts(_ times: [Double]) -> [Float] {
    times.flatMap { time in (0..<partCount).map { Float(time.bitPattern >> (16 * $0) & 0xFFFF) } }
  }

  private static func joined(_ parts: [Float]) -> [Double] {
    stride(from: 0, to: parts.count, by: partCount).map { start in
      Double(
        bitPattern: (0..<partCount).reduce(0) { $0 | UInt64(min(max(parts[start + $1], 0), 65_535)) << (16 * $1) })
    }
  }

  /// Keeps `embeddings`. A cache that cannot be written is none: the next run computes them again.
  ///
  /// - Returns: whether it was written.
  @discardableResult
  public func store(_ embeddings: SongEmbeddings, audio path: String, copy: VenueCopy? = nil) -> Bool {
    guard let place = place(of: path, copy),
      (try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)) != nil
    else { return false }
    let count = embeddings.times.count
    let written: Void? = try? SafetensorsWriter.write(
      [
        ("embedding", Tensor(shape: [count, embeddings.dimension], values: embeddings.values)),
        ("time_s", Tensor(shape: [count, Self.partCount], values: Self.parts(embeddings.times))),
        ("duration_s", Tensor(shape: [1, Self.partCount], values: Self.parts([embeddings.duration]))),
      ], to: place)
    return written != nil
  }

  private func place(of path: String, _ copy: VenueCopy?) -> String? {
    ContentHash(ofFile: path).map { "\(directory)/\($0)\(copy.map { "-\($0.name)" } ?? "").safetensors" }
  }
}
