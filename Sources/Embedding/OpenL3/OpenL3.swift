public import NeuralNetwork
public import Platform
public import SignalProcessing

/// OpenL3's audio embedding (Cramer, Wu, Salamon, Bello, "Look, listen, and learn more", ICASSP 2019) of one second
/// of audio. Its weights do not come with affectd; `tools/convert_openl3.py` converts the published ones.
public struct OpenL3: AudioEmbedder {
  public let identifier: String
  public var sampleRate: Int { OpenL3FrontEnd.sampleRate }
  public var windowLength: Int { OpenL3FrontEnd.windowLength }
  public var windowStep: Int { 1 }
  public var dimension: Int { variant.size.rawValue }
  public let variant: OpenL3Variant

  private var frontEnd: OpenL3FrontEnd
  private var network: FastOpenL3Network
  private var mel: Tensor

  /// - Parameters:
  ///   - weights: the file's metadata may say for which `input` (`mel256`, `mel128`) and from which `content` (`music`,
  ///     `env`) it was trained. No `input` counts as `mel256`.
  ///   - threads: how many work on a window at once. More than one is faster, but waits for the slowest.
  /// - Throws: ``Failure`` if the file is of another input than `variant`, or a tensor is missing or has
  ///   another shape.
  public init(weights: SafetensorsFile, variant: OpenL3Variant, threads: Int = 1) throws(Failure) {
    let input = weights.metadata["input"] ?? OpenL3Variant.Input.mel256.rawValue
    guard input == variant.input.rawValue else {
      throw Failure(
        .invalidData, weights.path,
        "holds OpenL3 weights for the input '\(input)', expected '\(variant.input.rawValue)': "
          + "choose the embedding that fits the file, or the file that fits the embedding")
    }
    let content = weights.metadata["content"].map { "-\($0)" } ?? ""
    identifier = "openl3\(content)-\(variant.input.rawValue)-\(variant.size.rawValue)"
    self.variant = variant
    frontEnd = OpenL3FrontEnd(bandCount: variant.input.bandCount)
    network = FastOpenL3Network(try OpenL3Network(weights: weights), variant: variant, threads: threads)
    mel = Tensor(zeros: [variant.input.bandCount, OpenL3FrontEnd.frameCount, 1])
  }

  /// Windows half a second apart share nothing: 24,000 samples are no multiple of the frame step, and the decibels are
  /// relative to each window's maximum.
  public mutating func restart() {}

  public mutating func use(_ filter: VenueFilter?) { frontEnd.use(filter) }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    frontEnd.compute(window, into: &mel)
    network.evaluate(mel)
    for index in embedding.indices { embedding[index] = network.embedding.values[index] }
  }
}

/// Which of OpenL3's audio networks, and how its last layer is pooled.
public struct OpenL3Variant: Sendable, Equatable {
  /// The input representation. The raw values are the names of the published weights.
  public enum Input: String, Sendable, CaseIterable {
    case mel128
    case mel256

    var bandCount: Int { self == .mel128 ? 128 : 256 }
  }

  /// Length of the embedding.
  public enum Size: Int, Sendable, CaseIterable {
    /// Maximum over the whole map.
    case values512 = 512
    /// Maximum over 4 × 3 blocks, flattened in the order mel, time, channel.
    case values6144 = 6144
  }

  public let input: Input
  public let size: Size

  public init(input: Input = .mel256, size: Size = .values512) {
    self.input = input
    self.size = size
  }
}
