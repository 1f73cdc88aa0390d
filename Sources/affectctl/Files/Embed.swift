import Affect
import ArgumentParser
import AudioInput
import CommandLineSupport
import Embedding
import NeuralNetwork
import Tracking

struct Embed: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the embeddings of a sound file, for research.",
    discussion: """
      The file holds `embedding` [ticks × values] and `time_s` [ticks]. Ticks lie at multiples of the hop, from the \
      first that has a full window behind it; each is evaluated as the live tracker does it. In the metadata, \
      `value_names` has a name for each value, with commas in between.
      """)

  @Argument(help: ArgumentHelp("A sound file: wav, flac, ogg, opus, mp3.", valueName: "file"), completion: .file())
  var file: String

  @OptionGroup var pipeline: PipelineOptions

  @OptionGroup var progress: ProgressOptions

  @Option(
    name: [.short, .long], help: ArgumentHelp("The safetensors file to write.", valueName: "file"), completion: .file())
  var output: String

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      let settings = pipeline.applied(to: PipelineSettings())
      // Before minutes of work, not after them.
      _ = try OutputFile(path: output, inputs: [file])
      let embedder = try settings.makeEmbedder()
      var times: [Float] = []
      var embeddings: [Float] = []
      var stream: EmbeddingStream?
      let collect = { (tick: EmbeddingStream.Tick) in
        guard case .embedding = tick.content, let stream else { return }
        times.append(Float(settings.hop.time(ofTick: tick.number)))
        embeddings += stream.embedding
      }
      let warnings = try FileReading.read(file, channel: settings.channel, progress: progress) { sampleRate in
        stream = EmbeddingStream(embedder: embedder, hop: settings.hop, inputRate: sampleRate)
        stream?.use(settings.calibration)
      } consume: { samples in
        stream?.push(samples, onTick: collect)
      }
      stream?.finish(onTick: collect)
      for warning in warnings { Console.warn("affectctl", warning) }
      if times.isEmpty { Console.warn("affectctl", "\(file): is shorter than one window, there is no embedding") }
      try SafetensorsWriter.write(
        [
          ("embedding", Tensor(shape: [times.count, embedder.dimension], values: embeddings)),
          ("time_s", Tensor(shape: [times.count], values: times)),
        ],
        metadata: [
          "embedding": embedder.identifier, "value_names": embedder.valueNames.joined(separator: ","),
          "hop_s": "\(settings.hop.seconds)", "made_with": Version.server,
        ],
        to: output)
    }
  }
}
