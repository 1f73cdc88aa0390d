import Embedding
import NeuralNetwork
import Platform
import ShippedModels
import SignalProcessing
import Testing

/// A filter in the front end is heard like a filter before it.
@Suite struct VenueFilterEmbeddingTests {
  private func noise(seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    var last: Float = 0
    return (0..<60_000).map { _ in
      last = 0.9 * last + Float(generator.uniform() - 0.5) * 0.1
      return last
    }
  }

  private func musiCNN() throws -> MusiCNN {
    try MusiCNN(
      weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()), additions: MusiCNNAdditions(hearsTonality: true))
  }

  private func embedding(_ network: inout MusiCNN, _ samples: [Float], from start: Int = 0) -> [Float] {
    var result = [Float](repeating: 0, count: network.dimension)
    network.embed(samples.span.extracting(start..<start + network.windowLength), startingAt: start, into: &result)
    return result
  }

  private func largest(_ first: [Float], _ second: [Float]) -> Float {
    zip(first, second).map { abs($0 - $1) }.max() ?? 0
  }

  @Test func aFlatFilterIsAGain() throws {
    var network = try musiCNN()
    let samples = noise(seed: 2)
    let factor = VenueFilter(decibels: Array(repeating: 6, count: ThirdOctaves.centres.count)).amplitude(at: 1000)
    let louder = embedding(&network, samples.map { $0 * factor })
    network.restart()
    let plain = embedding(&network, samples)
    network.use(VenueFilter(decibels: Array(repeating: 6, count: ThirdOctaves.centres.count)))
    let filtered = embedding(&network, samples)
    #expect(largest(filtered, louder) < 2e-3)
    #expect(largest(plain, louder) > 0.02)
    // Nothing of it is left behind.
    network.use(nil)
    #expect(embedding(&network, samples) == plain)
  }

  /// In the middle of a stream, the frames before are heard through the new filter, too.
  @Test func aFilterThatComesLateIsThatOfTheWholeWindow() throws {
    let samples = noise(seed: 3)
    let filter = VenueFilter(decibels: ThirdOctaves.centres.indices.map { Double($0) - 12 })
    var late = try musiCNN()
    _ = embedding(&late, samples)
    late.use(filter)
    var early = try musiCNN()
    early.use(filter)
    #expect(largest(embedding(&late, samples, from: 1024), embedding(&early, samples, from: 1024)) < 1e-6)
  }
}
