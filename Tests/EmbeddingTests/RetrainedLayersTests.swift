import Embedding
import NeuralNetwork
import Platform
import ShippedModels
import SignalProcessing
import TestSupport
import Testing

/// Layers of MusiCNN that an emotion model brings.
@Suite struct RetrainedLayersTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  private func weights() throws -> SafetensorsFile { try SafetensorsFile(path: ShippedModel.musiCNN.locate()) }

  private func network() throws -> MusiCNNNetwork { try MusiCNNNetwork(weights: weights()) }

  /// `layers` with a random change of each weight.
  private func changed(_ layers: RetrainedLayers, seed: UInt64, pooledFrames: Int = 187) -> RetrainedLayers {
    var generator = SeededGenerator(seed: seed)
    func change(_ values: [Float]) -> [Float] { values.map { $0 * .random(in: 0.8...1.2, using: &generator) } }
    func change(_ tensor: Tensor) -> Tensor { Tensor(shape: tensor.shape, values: change(tensor.values)) }
    var result = layers
    for index in result.mid.indices {
      result.mid[index].kernel = change(layers.mid[index].kernel)
      result.mid[index].bias = change(layers.mid[index].bias)
      result.mid[index].scale = change(layers.mid[index].scale)
      result.mid[index].offset = change(layers.mid[index].offset)
    }
    result.pooledScale = change(layers.pooledScale)
    result.pooledOffset = change(layers.pooledOffset)
    result.denseWeight = change(layers.denseWeight)
    result.denseBias = change(layers.denseBias)
    result.pooledFrames = pooledFrames
    return result
  }

  private func write(_ sets: [RetrainedLayers], metadata: [String: String] = [:]) throws -> SafetensorsFile {
    var metadata = metadata
    if sets.count > 1 { metadata["members"] = "\(sets.count)" }
    if let frames = sets.first?.pooledFrames, frames != 187 { metadata["pooled_frames"] = "\(frames)" }
    let tensors = sets.enumerated().flatMap { index, layers in
      layers.tensors(prefix: sets.count > 1 ? "members.\(index)." : "")
    }
    let path = directory.file("model.safetensors")
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    return try SafetensorsFile(path: path)
  }

  /// The embeddings of a few patches of a moving window.
  private func embeddings(_ embedder: some AudioEmbedder, starts: [Int] = [0, 7936, 8192, 40_960]) -> [[Float]] {
    let audio = TestSignal.music(seconds: 7, rate: 16_000)
    var embedder = embedder
    return starts.map { start in
      var embedding = [Float](repeating: .nan, count: embedder.dimension)
      embedder.embed(audio.span.extracting(start..<start + embedder.windowLength), startingAt: start, into: &embedding)
      return embedding
    }
  }

  /// The same by the readable network, each patch by itself.
  private func plainEmbeddings(
    _ network: MusiCNNNetwork, starts: [Int] = [0, 7936, 8192, 40_960]
  ) -> [(embedding: [Float], frontEnd: [Float])] {
    let audio = TestSignal.music(seconds: 7, rate: 16_000)
    var frontEnd = MusiCNNFrontEnd()
    var activations = MusiCNNNetwork.Activations()
    return starts.map { start in
      var mel = [Float](repeating: 0, count: 187 * 96)
      frontEnd.computeFrames(0..<187, of: audio.span.extracting(start..<start + 48_128), into: &mel)
      activations.mel = Tensor(shape: [187, 96, 1], values: mel)
      network.evaluate(&activations)
      return (activations.embedding, activations.frontEnd.values)
    }
  }

  @Test func theNetworksOwnLayersChangeNothing() throws {
    let own = try network().retrainableLayers
    let read = try RetrainedLayers.read(from: write([own]))
    #expect(read == [own])
    let plain = try MusiCNN(weights: weights())
    let embedder = try MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: read))
    #expect(embedder.dimension == 200 && embedder.identifier == plain.identifier)
    #expect(embeddings(embedder) == embeddings(plain))
  }

  @Test func theNewestFramesGiveASecondEmbedding() throws {
    let layers = try changed(network().retrainableLayers, seed: 4)
    var (both, recent) = (layers, layers)
    both.recentFrames = 62
    recent.pooledFrames = 62
    let read = try RetrainedLayers.read(
      from: write([both, changed(both, seed: 5)], metadata: ["recent_frames": "62"]))
    #expect(read[0] == both)
    let embedder = try MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: [both, layers]))
    #expect(embedder.dimension == 600)
    let (whole, end) = (
      try embeddings(MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: [layers]))),
      try embeddings(MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: [recent])))
    )
    #expect(whole != end)
    #expect(embeddings(embedder) == zip(whole, end).map { $0 + $1 + $0 })
  }

  @Test func membersWithoutLayersReadTheNetworksOwn() throws {
    let layers = try changed(network().retrainableLayers, seed: 6)
    let path = directory.file("mixed.safetensors")
    try SafetensorsWriter.write(layers.tensors(prefix: "members.1."), metadata: ["members": "3"], to: path)
    let read = try RetrainedLayers.read(from: SafetensorsFile(path: path))
    #expect(read == [nil, layers])
    let embedder = try MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: read))
    #expect(embedder.dimension == 400)
    let own = try embeddings(MusiCNN(weights: weights()))
    let changed = try embeddings(MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: [layers])))
    #expect(embeddings(embedder) == zip(own, changed).map { $0 + $1 })
  }

  /// Whatever comes before: sets of layers, each with a second embedding.
  @Test func modeAndClarityComeLast() throws {
    var layers = try changed(network().retrainableLayers, seed: 7)
    layers.recentFrames = 62
    for retrained in [[], [layers], [nil, layers]] {
      let plain = try embeddings(MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: retrained)))
      let both = try embeddings(
        MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: retrained, hearsTonality: true)))
      #expect(both.map { Array($0.dropLast(2)) } == plain)
      let audio = TestSignal.music(seconds: 7, rate: 16_000)
      for (embedding, start) in zip(both, [0, 7936, 8192, 40_960]) {
        var tonality = Tonality(sampleRate: 16_000)
        let expected = tonality.describe(audio.span.extracting(start..<start + 48_128), startingAt: start)
        #expect(Array(embedding.suffix(2)) == [expected.mode, expected.clarity])
      }
    }
  }

  @Test func aModelSaysThatItHearsTonality() throws {
    let path = directory.file("tonal.safetensors")
    func additions(_ metadata: [String: String]) throws -> MusiCNNAdditions {
      try SafetensorsWriter.write([("x", Tensor(zeros: [1]))], metadata: metadata, to: path)
      return try MusiCNNAdditions(from: SafetensorsFile(path: path))
    }
    #expect(try additions(["tonality": "2"]).hearsTonality)
    #expect(try additions([:]).isEmpty)
    let error = #expect(throws: Failure.self) { try additions(["tonality": "3"]) }
    #expect(error?.description.contains("'3' for 'tonality', expected a whole number from 2 to 2") == true)
  }

  @Test func aFileWithoutThemBringsNone() throws {
    #expect(try RetrainedLayers.read(from: Fixture.tensors("starter-mlp.safetensors")).isEmpty)
  }

  @Test(arguments: [187, 94, 1])
  func retrainedLayersAgreeWithTheReadableNetwork(pooledFrames: Int) throws {
    let network = try network()
    let layers = changed(network.retrainableLayers, seed: 5, pooledFrames: pooledFrames)
    let embedder = try MusiCNN(
      weights: weights(), additions: MusiCNNAdditions(retrained: RetrainedLayers.read(from: write([layers]))))
    let expected = plainEmbeddings(network.replacing(layers))
    for (actual, expected) in zip(embeddings(embedder), expected) {
      #expect(Difference(actual, expected.embedding).relativeToLargest < 1e-4)
    }
    let own = embeddings(try MusiCNN(weights: weights()))
    #expect(Difference(embeddings(embedder)[0], own[0]).relativeToLargest > 0.01)
  }

  /// What is pooled is the end of the patch: maximum and mean, computed here from the layers themselves.
  @Test func thePoolingLooksAtTheLastFrames() throws {
    let network = try network()
    var layers = network.retrainableLayers
    layers.pooledFrames = 94
    // The dense layer hands 200 of the pooled front-end values through as they are.
    layers.pooledScale = layers.pooledScale.map { _ in 1 }
    layers.pooledOffset = layers.pooledOffset.map { _ in 0 }
    layers.denseBias = layers.denseBias.map { _ in 0 }
    var identity = [Float](repeating: 0, count: 200 * 1506)
    for index in 0..<200 { identity[index * 1506 + index] = 1 }
    layers.denseWeight = Tensor(shape: [200, 1506], values: identity)
    let actual = embeddings(try MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: [layers])))
    for (actual, plain) in zip(actual, plainEmbeddings(network)) {
      let expected = (0..<100).flatMap { channel in
        let column = (93..<187).map { plain.frontEnd[$0 * 561 + channel] }
        return [column.max() ?? .nan, column.reduce(0, +) / 94]
      }
      #expect(Difference(actual, expected).relativeToLargest < 1e-4)
    }
  }

  @Test func severalSetsGiveTheirEmbeddingsSideBySide() throws {
    let own = try network().retrainableLayers
    let sets = [changed(own, seed: 1), own, changed(own, seed: 2)]
    let read = try RetrainedLayers.read(from: write(sets))
    #expect(read == sets)
    let together = try MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: read))
    #expect(together.dimension == 600 && together.identifier == "musicnn-msd-200")
    let alone = try sets.map {
      embeddings(try MusiCNN(weights: weights(), additions: MusiCNNAdditions(retrained: [$0])))
    }
    #expect(embeddings(together) == alone[0].indices.map { patch in alone.flatMap { $0[patch] } })
  }

  @Test func theFrontEndCanBeHadByItself() throws {
    let features = try MusiCNNFeatures(weights: weights())
    #expect(features.dimension == 187 * 561 && features.identifier == "musicnn-msd-front-end")
    for (actual, plain) in zip(embeddings(features), plainEmbeddings(try network())) {
      #expect(Difference(actual, plain.frontEnd).relativeToLargest < 1e-4)
    }
  }

  @Test func whatIsMissingOrWrongIsNamed() throws {
    let own = try network().retrainableLayers
    func message(_ change: (inout [(name: String, tensor: Tensor)], inout [String: String]) -> Void) throws -> String {
      var (tensors, metadata) = (own.tensors(), [String: String]())
      change(&tensors, &metadata)
      let path = directory.file("broken.safetensors")
      try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
      do {
        _ = try RetrainedLayers.read(from: SafetensorsFile(path: path))
        return ""
      } catch {
        #expect(error.description.hasPrefix("\(path): "))
        return error.description
      }
    }
    for name in own.tensors().map(\.name) {
      #expect(try message { tensors, _ in tensors.removeAll { $0.name == name } }.contains("'\(name)' of shape"))
    }
    let reshaped = try message { tensors, _ in tensors[0].tensor = Tensor(zeros: [7, 560, 64]) }
    #expect(reshaped.contains("'musicnn.mid.0.kernel' has the shape [7, 560, 64], expected [7, 561, 64]"))
    for frames in ["0", "188", "all"] {
      let text = try message { _, metadata in metadata["pooled_frames"] = frames }
      #expect(text.contains("'\(frames)' for 'pooled_frames', expected a whole number from 1 to 187"))
    }
    // With members, each has layers of its own or none of them.
    let members = try message { tensors, metadata in
      metadata["members"] = "2"
      tensors.append(("members.1.musicnn.dense.bias", Tensor(zeros: [200])))
      for index in tensors.indices.dropLast() { tensors[index].name = "members.0." + tensors[index].name }
    }
    #expect(members.contains("'members.1.musicnn.mid.0.kernel' of shape"))
    let without = try message { tensors, metadata in
      tensors = [("output.bias", Tensor(zeros: [2]))]
      metadata["pooled_frames"] = "94"
    }
    #expect(without.contains("'pooled_frames', but it carries no layers of MusiCNN"))
  }
}
