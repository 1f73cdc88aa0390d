import Affect
import Embedding
import EmotionModel
import NeuralNetwork
import ShippedModels
import TestSupport
import Tracking

/// A part of affectd that can be run over and over.
struct Benchmark {
  let run: () -> Void
  /// Relative L2 error of the last run's result against the stored reference, if there is one.
  var error: (() -> Double)?

  /// Nil if nothing is called `name`.
  static func named(_ name: String) throws -> Benchmark? {
    switch name {
    case "openl3.network": try openL3Network()
    case "openl3.network.2threads": try openL3Network(threads: 2)
    case "openl3.frame": try openL3Frame()
    case "openl3.frontend": try openL3FrontEnd()
    case "openl3.reference": try openL3Reference()
    case "musicnn.patch": try musiCNNPatch()
    case "musicnn.tick": try musiCNNTick(hop: 0.5)
    case "musicnn.tick.50ms": try musiCNNTick(hop: 0.05)
    case "musicnn.reference": try musiCNNReference()
    case "musicnn.frontend": try musiCNNFrontEnd()
    case "librosa.window": try window(of: LibrosaFeatures(), "librosa-golden.safetensors", isCompared: true)
    case "librosa.tick": try ticks(of: LibrosaFeatures(), "librosa-golden.safetensors")
    case "egemaps.window": try window(of: EGeMAPS(), "geneva-golden.safetensors")
    case "egemaps.tick": try ticks(of: EGeMAPS(), "geneva-golden.safetensors")
    case "compare.window": try window(of: Compare260(), "geneva-golden.safetensors")
    case "compare.tick": try ticks(of: Compare260(), "geneva-golden.safetensors")
    case "mid.tick": try ticks(of: MidLevelFeatures(), "geneva-golden.safetensors")
    case "head.mlp": try head()
    case "kernel.multiply": multiply()
    case "kernel.winograd4": winograd(outputTile: 4)
    case "kernel.winograd6": winograd(outputTile: 6)
    case "kernel.onechannel": oneChannel()
    default: nil
    }
  }

  private static let openL3Golden = "openl3-golden.safetensors"
  private static let musiCNNGolden = "musicnn-golden.safetensors"

  private static func openL3Weights() throws -> OpenL3Network {
    try OpenL3Network(weights: Fixture.tensors("openl3-mel256-random-weights.safetensors"))
  }

  private static func openL3Network(threads: Int = 1) throws -> Benchmark {
    let golden = try Fixture.tensors(openL3Golden)
    let expected = try golden.tensor("embedding").values
    let mel = Tensor(shape: [256, 199, 1], values: try golden.tensor("mel_db").values)
    var network = FastOpenL3Network(try openL3Weights(), variant: OpenL3Variant(), threads: threads)
    var result: [Float] = []
    return Benchmark {
      network.evaluate(mel)
      result = network.embedding.values
    } error: {
      Double(Difference(result, expected).relativeL2)
    }
  }

  private static func openL3Frame() throws -> Benchmark {
    let golden = try Fixture.tensors(openL3Golden)
    let expected = try golden.tensor("embedding").values
    let audio = try golden.tensor("audio").values
    var embedder = try OpenL3(
      weights: Fixture.tensors("openl3-mel256-random-weights.safetensors"), variant: OpenL3Variant())
    var result = [Float](repeating: 0, count: embedder.dimension)
    return Benchmark {
      embedder.embed(audio.span, startingAt: 0, into: &result)
    } error: {
      Double(Difference(result, expected).relativeL2)
    }
  }

  private static func openL3FrontEnd() throws -> Benchmark {
    let audio = try Fixture.tensors(openL3Golden).tensor("audio").values
    var frontEnd = OpenL3FrontEnd(bandCount: 256)
    var mel = Tensor(zeros: [256, 199, 1])
    return Benchmark(run: { frontEnd.compute(audio.span, into: &mel) })
  }

  private static func openL3Reference() throws -> Benchmark {
    let golden = try Fixture.tensors(openL3Golden)
    let expected = try golden.tensor("embedding").values
    let network = try openL3Weights()
    var activations = OpenL3Network.Activations(variant: OpenL3Variant())
    activations.mel = Tensor(shape: [256, 199, 1], values: try golden.tensor("mel_db").values)
    return Benchmark {
      network.evaluate(&activations)
    } error: {
      Double(Difference(activations.embedding.values, expected).relativeL2)
    }
  }

  private static func musiCNNReference() throws -> Benchmark {
    let golden = try Fixture.tensors(musiCNNGolden)
    let expected = Array(try golden.tensor("embedding").values.prefix(200))
    let network = try MusiCNNNetwork(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()))
    var activations = MusiCNNNetwork.Activations()
    let start = Int(try golden.tensor("patch_start_frame").values[0])
    activations.mel = Tensor(
      shape: [187, 96, 1], values: Array(try golden.tensor("mel").values[start * 96..<(start + 187) * 96]))
    return Benchmark {
      network.evaluate(&activations)
    } error: {
      Double(Difference(activations.embedding, expected).relativeL2)
    }
  }

  /// The whole patch on the fast kernels, from its mel spectrogram.
  private static func musiCNNPatch() throws -> Benchmark {
    let golden = try Fixture.tensors(musiCNNGolden)
    let expected = Array(try golden.tensor("embedding").values.prefix(200))
    let network = StreamingMusiCNN(try MusiCNNNetwork(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate())))
    let start = Int(try golden.tensor("patch_start_frame").values[0])
    let mel = Array(try golden.tensor("mel").values[start * 96..<(start + 187) * 96])
    return Benchmark {
      network.advance(by: 187, mel: mel.span)
    } error: {
      Double(Difference(network.embedding, expected).relativeL2)
    }
  }

  /// A tick of the live tracker, front end included, `hop` seconds after the one before.
  private static func musiCNNTick(hop: Double) throws -> Benchmark {
    let embedder = try MusiCNN(weights: SafetensorsFile(path: ShippedModel.musiCNN.locate()))
    return ticks(of: embedder, hop: hop, audio: TestSignal.music(seconds: 20, rate: embedder.sampleRate))
  }

  /// Windows of an embedder, one a run, `hop` seconds apart.
  private static func ticks(of embedder: some AudioEmbedder, hop: Double, audio: [Float]) -> Benchmark {
    let hop = Hop(seconds: hop)!  // the benchmarks' hops are allowed ones
    let rate = embedder.sampleRate
    var embedder = embedder
    var result = [Float](repeating: 0, count: embedder.dimension)
    var tick = 0
    return Benchmark(run: {
      tick += 1
      var start = embedder.windowStart(endingAtOrBefore: hop.samples(atTick: tick, rate: rate))
      while start == nil || start! + embedder.windowLength > audio.count {  // not nil once a window fits
        if start == nil { tick += 1 } else { tick = 1 }
        start = embedder.windowStart(endingAtOrBefore: hop.samples(atTick: tick, rate: rate))
      }
      guard let start else { return }
      embedder.embed(audio.span.extracting(start..<start + embedder.windowLength), startingAt: start, into: &result)
    })
  }

  /// Descriptors of the window, by itself, that the program on the other side hears.
  ///
  /// - Parameter isCompared: whether the stored values are those of the same definitions.
  private static func window(
    of features: some AudioEmbedder, _ golden: String, isCompared: Bool = false
  ) throws -> Benchmark {
    let golden = try Fixture.tensors(golden)
    let audio = try golden.tensor("audio").values
    let start = Int(try golden.tensor("starts").values[0])
    var features = features
    let expected = Array(try golden.tensor("features").values.prefix(features.dimension))
    var result = [Float](repeating: 0, count: features.dimension)
    let run = {
      features.restart()
      features.embed(
        audio.span.extracting(start..<start + features.windowLength), startingAt: start, into: &result)
    }
    return isCompared
      ? Benchmark(run: run) { Double(Difference(result, expected).relativeL2) } : Benchmark(run: run)
  }

  /// Descriptors of the same audio over and over, 0.5 s from run to run, as it goes live.
  private static func ticks(of features: some AudioEmbedder, _ golden: String) throws -> Benchmark {
    let audio = try Fixture.tensors(golden).tensor("audio").values
    return ticks(of: features, hop: 0.5, audio: Array(repeatElement(audio, count: 5).joined()))
  }

  /// The frames of one hop of 0.5 s.
  private static func musiCNNFrontEnd() throws -> Benchmark {
    let audio = try Fixture.tensors(musiCNNGolden).tensor("audio").values
    var frontEnd = MusiCNNFrontEnd()
    var mel = [Float](repeating: 0, count: 32 * 96)
    return Benchmark(run: { frontEnd.computeFrames(0..<32, of: audio.span, into: &mel) })
  }

  private static func head() throws -> Benchmark {
    let embedding = Array(try Fixture.tensors(musiCNNGolden).tensor("embedding").values.prefix(200))
    var model = try EmotionModelFile.load(
      path: Fixture.path("starter-mlp.safetensors"), embedding: "musicnn-msd-200", dimension: 200)
    return Benchmark(run: { _ = model.estimate(from: embedding) })
  }
}
