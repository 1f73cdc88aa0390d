import Affect
import FoundationEssentials
import TestSupport
import Testing
import Training

@Suite struct EmbeddingCacheTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it
  private let embeddings = SongEmbeddings(
    times: [3.5, 4, 4.5], values: [1, 2, 3, 4, 5, 6], dimension: 2, duration: 4.75)

  private func cache(network: String = "net", weights: String = "w", hop: Double = 0.5) throws -> EmbeddingCache {
    _ = try directory.write("first weights", to: "w")
    _ = try directory.write("other weights", to: "v")
    return EmbeddingCache(
      root: directory.file("cache"), network: network, weights: [directory.file(weights)], hop: Hop(seconds: hop)!)
  }

  @Test func whatIsStoredComesBack() throws {
    let audio = try directory.write("some audio", to: "a.wav")
    let cache = try cache()
    #expect(cache.load(audio: audio) == nil)
    #expect(cache.store(embeddings, audio: audio))
    #expect(cache.load(audio: audio) == embeddings)
  }

  /// Of half an hour at a hop that no binary number is.
  @Test func timesComeBackToTheLastBit() throws {
    let audio = try directory.write("some audio", to: "a.wav")
    let times = (1...20_000).map { Double($0) * 0.1 + 3 }
    let long = SongEmbeddings(
      times: times, values: Array(repeating: 0.5, count: times.count), dimension: 1, duration: 2003.0000001)
    let cache = try cache()
    #expect(cache.store(long, audio: audio))
    #expect(cache.load(audio: audio) == long)
  }

  @Test func anotherAudioNetworkWeightOrHopIsAnotherEntry() throws {
    let audio = try directory.write("some audio", to: "a.wav")
    try cache().store(embeddings, audio: audio)
    let other = try directory.write("some other audio", to: "b.wav")
    #expect(try cache().load(audio: other) == nil)
    #expect(try cache(network: "web").load(audio: audio) == nil)
    #expect(try cache(weights: "v").load(audio: audio) == nil)
    #expect(try cache(hop: 0.25).load(audio: audio) == nil)
    // The same bytes under another name are the same audio.
    #expect(try cache().load(audio: directory.write("some audio", to: "c.wav")) == embeddings)
  }

  @Test func theWeightsOfEveryPartCount() throws {
    let audio = try directory.write("some audio", to: "a.wav")
    try cache().store(embeddings, audio: audio)
    let paths = ["w", "v"].map { directory.file($0) }
    for weights in [paths, paths.reversed(), []] {
      let cache = EmbeddingCache(root: directory.file("cache"), network: "net", weights: weights, hop: .standard)
      #expect(cache.load(audio: audio) == nil)
      #expect(cache.store(embeddings, audio: audio) && cache.load(audio: audio) == embeddings)
    }
  }

  @Test func aDamagedEntryIsNone() throws {
    let audio = try directory.write("some audio", to: "a.wav")
    let cache = try cache()
    cache.store(embeddings, audio: audio)
    let root = directory.file("cache")
    let names = try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".safetensors") }
    #expect(names.count == 1)
    for name in names {
      try Data("nothing".utf8).write(to: URL(filePath: "\(root)/\(name)"))
    }
    #expect(cache.load(audio: audio) == nil)
    #expect(cache.store(embeddings, audio: audio))
    #expect(cache.load(audio: audio) == embeddings)
  }

  @Test func aFolderThatCannotBeWrittenIsNoError() throws {
    let audio = try directory.write("some audio", to: "a.wav")
    _ = try directory.write("a file", to: "file")
    let cache = EmbeddingCache(root: directory.file("file"), network: "net", weights: [audio], hop: .standard)
    #expect(!cache.store(embeddings, audio: audio))
    #expect(cache.load(audio: audio) == nil)
  }
}
