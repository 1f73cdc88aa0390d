import Affect
import Embedding
import EmotionModel
import NeuralNetwork
import ShippedModels
import TestSupport
import Testing
import Training

@Suite struct TrainableBackEndTests {
  private let golden = try! Fixture.tensors("musicnn-golden.safetensors")  // it is part of the tests
  private let weights = try! SafetensorsFile(path: ShippedModel.musiCNN.locate())  // it is part of the sources
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Front-end features and embeddings of the stored audio, at each tick.
  private func features() throws -> SongEmbeddings {
    let audio = try golden.tensor("audio").values
    let path = directory.file("audio.wav")
    try SoundFileWriter.write(audio, rate: 16_000, format: .wavFloat, to: path)
    return try SongEmbeddings(of: path, embedder: MusiCNNFeatures(weights: weights), hop: .standard)
  }

  @Test func beforeTrainingTheEmbeddingsAreMusiCNNs() throws {
    let features = try features()
    let path = directory.file("audio.wav")
    let embeddings = try SongEmbeddings(of: path, embedder: MusiCNN(weights: weights), hop: .standard)
    let network = try MusiCNNNetwork(weights: weights)
    let result = TrainableBackEnd(network.retrainableLayers).embeddings(
      of: Variable(DenseTensor(shape: [features.times.count, 187, 561], values: features.values)))
    #expect(features.times == embeddings.times && features.times.count == 4)
    let scale = embeddings.values.reduce(0) { max($0, abs($1)) }
    for (own, expected) in zip(result.value.values, embeddings.values) {
      #expect(abs(own - expected) < 1e-4 * scale)
    }
  }

  /// A model that was fine-tuned says in the daemon's own stream what it said in training.
  @Test(arguments: [false, true])
  func fineTunedLayersAreHeardInTheStream(hearsTonality: Bool) async throws {
    let times = try features().times
    let songs = (0..<12).map { index in
      TrainingSong(
        identifier: "\(index)", artist: nil, times: times,
        labels: times.map { _ in Affect(valence: Float(index % 3) / 3, arousal: 0.2) }, weight: 1, isStatic: false)
    }
    let path = directory.file("audio.wav")
    var additions = MusiCNNAdditions(hearsTonality: hearsTonality)
    let embeddings = try SongEmbeddings(
      of: path, embedder: MusiCNN(weights: weights, additions: additions), hop: .standard)
    let material = TrainingMaterial(
      set: TrainingSet(
        songs: songs, inputs: songs.map { _ in embeddings.values }, width: embeddings.dimension,
        tonalityCount: additions.tonalityCount), splitCount: songs.count, notes: [])
    let patches = try await PatchMaterial.load(
      material, paths: Dictionary(uniqueKeysWithValues: songs.map { ($0.identifier, path) }), weights: weights.path,
      hop: .standard, inSequence: false, workers: 2, progress: {})
    var settings = TrainingSettings.standard(for: .mlp, isFineTuned: true)
    settings.epochs = 1
    var companion = TrainingSettings.companion
    companion.epochs = 1
    let outcome = try await ModelTraining(kind: .mlp, settings: settings, memberCount: 3, companion: companion, seed: 1)
      .run(on: material, patches: patches, workers: 1)

    let file = directory.file("model.safetensors")
    var card = TrainedModelFile.Card.example
    card.embedding = "musicnn-msd-200"
    try TrainedModelFile.write(outcome, card: card, to: file)
    let model = try SafetensorsFile(path: file)
    additions = try MusiCNNAdditions(from: model)
    #expect(additions.hearsTonality == hearsTonality)
    let retrained = additions.retrained
    #expect(retrained.count == 4 && retrained[0] == nil)
    let heard = try SongEmbeddings(
      of: path, embedder: MusiCNN(weights: weights, additions: additions), hop: .standard)
    let dimension = 1600 + additions.tonalityCount
    var regressor = try EmotionModelFile.load(model, embedding: "musicnn-msd-200", dimension: dimension)
    for tick in heard.times.indices {
      // Training knows the whole patch alone: the second embedding of each set, of the newest frames, is made the same.
      let both = Array(heard.values[tick * dimension..<(tick + 1) * dimension])
      let whole =
        stride(from: 0, to: 1600, by: 400).flatMap { both[$0..<$0 + 200] + both[$0..<$0 + 200] } + both[1600...]
      #expect(both != whole)
      let own = regressor.estimate(from: whole).affect
      let trained = outcome.networks.map { $0.predictions[0][tick].affect }
      #expect(abs(own.valence - trained.reduce(0) { $0 + $1.valence } / 6) < 1e-4)
      #expect(abs(own.arousal - trained.reduce(0) { $0 + $1.arousal } / 6) < 1e-4)
    }
    // Training did move the layers.
    #expect(retrained[1]?.denseWeight != patches.original.denseWeight)
    #expect(retrained[1]?.mid[0].kernel != patches.original.mid[0].kernel)
  }

  @Test func patchesAreEvenlySpreadOrInARow() {
    #expect(PatchMaterial.choose(from: 5, atMost: 8, inSequence: false) == [0, 1, 2, 3, 4])
    #expect(PatchMaterial.choose(from: 14, atMost: 4, inSequence: false) == [0, 4, 9, 13])
    #expect(PatchMaterial.choose(from: 14, atMost: 4, inSequence: true) == [5, 6, 7, 8])
  }
}
