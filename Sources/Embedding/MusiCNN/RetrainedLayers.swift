public import NeuralNetwork
public import Platform

/// MusiCNN's layers after the front end, from the first convolution over time to the 200 values, in the form in which an
/// emotion model carries its own copy of them.
public struct RetrainedLayers: Sendable, Equatable {
  /// A convolution over time, which ReLU and a batch normalisation follow.
  public struct Convolution: Sendable, Equatable {
    /// `[7 × in × 64]`
    public var kernel: Tensor
    /// `[64]`
    public var bias: [Float]
    /// The batch normalisation as a factor and an addend for each channel, `[64]` each.
    public var scale: [Float]
    public var offset: [Float]

    public init(kernel: Tensor, bias: [Float], scale: [Float], offset: [Float]) {
      self.kernel = kernel
      self.bias = bias
      self.scale = scale
      self.offset = offset
    }
  }

  /// Three; 561, 64 and 64 channels go in.
  public var mid: [Convolution]
  /// The batch normalisation of the pooled values, `[1506]` each: maximum and mean of a channel side by side.
  public var pooledScale: [Float]
  public var pooledOffset: [Float]
  /// `[200 × 1506]`
  public var denseWeight: Tensor
  /// `[200]`
  public var denseBias: [Float]
  /// The pooling looks at so many frames at the end of the patch, 1...187.
  public var pooledFrames: Int
  /// Frames at the end of the patch that are pooled a second time, for a second embedding that hears the newest alone;
  /// nil for none.
  public var recentFrames: Int?

  public init(
    mid: [Convolution], pooledScale: [Float], pooledOffset: [Float], denseWeight: Tensor, denseBias: [Float],
    pooledFrames: Int = MusiCNN.patchFrames, recentFrames: Int? = nil
  ) {
    self.mid = mid
    self.pooledScale = pooledScale
    self.pooledOffset = pooledOffset
    self.denseWeight = denseWeight
    self.denseBias = denseBias
    self.pooledFrames = pooledFrames
    self.recentFrames = recentFrames
  }

  // MARK: - Model files

  /// What the names of the tensors begin with.
  public static let tensorPrefix = "musicnn."
  /// Key of ``pooledFrames`` in the metadata.
  public static let pooledFramesKey = "pooled_frames"
  /// Key of ``recentFrames``.
  public static let recentFramesKey = "recent_frames"

  /// The layers that a model file carries, a set for each member of an ensemble that brings one; empty if it carries none.
  /// Where other members bring none, nil comes first: the network's own layers, for all of those.
  ///
  /// - Throws: ``Failure`` that names the tensor if one is missing, or is not what it should be.
  public static func read(from file: SafetensorsFile) throws(Failure) -> [RetrainedLayers?] {
    let prefixes = try file.memberPrefixes()
    guard prefixes.contains(where: { file.hasTensors(beginningWith: $0 + tensorPrefix) }) else {
      if file.metadata[pooledFramesKey] != nil {
        throw Failure(
          .invalidData, file.path,
          "its metadata have '\(pooledFramesKey)', but it carries no layers of MusiCNN that could pool so many")
      }
      return []
    }
    var sets: [RetrainedLayers?] = []
    for prefix in prefixes where file.hasTensors(beginningWith: prefix + tensorPrefix) {
      sets.append(try RetrainedLayers(file: file, prefix: prefix + tensorPrefix))
    }
    return (sets.count < prefixes.count ? [nil] : []) + sets
  }

  private init(file: SafetensorsFile, prefix: String) throws(Failure) {
    func vector(_ name: String, _ count: Int) throws(Failure) -> [Float] {
      try file.tensor(prefix + name, shape: [count]).values
    }
    let (outputs, taps) = (MusiCNNNetwork.midChannels, MusiCNNNetwork.midTaps)
    mid = []
    for (index, inputs) in [MusiCNNNetwork.frontEndChannels, outputs, outputs].enumerated() {
      mid.append(
        Convolution(
          kernel: try file.tensor("\(prefix)mid.\(index).kernel", shape: [taps, inputs, outputs]),
          bias: try vector("mid.\(index).bias", outputs),
          scale: try vector("mid.\(index).normalisation.scale", outputs),
          offset: try vector("mid.\(index).normalisation.offset", outputs)))
    }
    let pooled = 2 * MusiCNNNetwork.pooledChannels
    pooledScale = try vector("pooled.scale", pooled)
    pooledOffset = try vector("pooled.offset", pooled)
    denseWeight = try file.tensor("\(prefix)dense.weight", shape: [MusiCNNNetwork.embeddingSize, pooled])
    denseBias = try vector("dense.bias", MusiCNNNetwork.embeddingSize)
    pooledFrames = try file.integer(Self.pooledFramesKey, in: 1...MusiCNN.patchFrames) ?? MusiCNN.patchFrames
    recentFrames = try file.integer(Self.recentFramesKey, in: 1...MusiCNN.patchFrames)
  }

  /// The tensors of a model file.
  ///
  /// - Parameter prefix: what comes before ``tensorPrefix``: nothing, or `members.K.` in an ensemble.
  public func tensors(prefix: String = "") -> [(name: String, tensor: Tensor)] {
    func vector(_ values: [Float]) -> Tensor { Tensor(shape: [values.count], values: values) }
    let start = prefix + Self.tensorPrefix
    var tensors: [(name: String, tensor: Tensor)] = []
    for (index, layer) in mid.enumerated() {
      tensors += [
        ("\(start)mid.\(index).kernel", layer.kernel), ("\(start)mid.\(index).bias", vector(layer.bias)),
        ("\(start)mid.\(index).normalisation.scale", vector(layer.scale)),
        ("\(start)mid.\(index).normalisation.offset", vector(layer.offset)),
      ]
    }
    return tensors + [
      ("\(start)pooled.scale", vector(pooledScale)), ("\(start)pooled.offset", vector(pooledOffset)),
      ("\(start)dense.weight", denseWeight), ("\(start)dense.bias", vector(denseBias)),
    ]
  }
}
