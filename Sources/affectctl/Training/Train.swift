import Affect
import ArgumentParser
import CommandLineSupport
import Embedding
import EmotionModel
import FoundationEssentials
import NeuralNetwork
import Platform
import Training

struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains an emotion model on labelled music.",
    discussion: """
      Songs are divided by artist into training, validation and test, 8 : 1 : 1; the model is scored on the test songs \
      and writes the scores into its card. With --members N there are N networks, each of which leaves out another Nth \
      of the songs and is scored on those; the model averages their outputs. Embeddings are computed once and kept \
      in a cache.

      Songs with a static label alone are trained on and never scored. They follow their artist; where no artist is \
      known, a second training without them gives the score that no artist can have leaked into.

      A model is a system of parts: what it hears (--input), which of these values it reads (--select), its kind \
      (--model) and what it says (--target). --recipe sets them all.

      Ctrl-C ends the training and keeps the best model so far; a second one ends the program.
      """)

  @OptionGroup var data: DataOptions

  @OptionGroup var training: TrainingOptions

  @OptionGroup var added: AddedSongsOptions

  @OptionGroup var progress: ProgressOptions

  @OptionGroup var system: SystemOptions

  @Option(
    help: ArgumentHelp(
      "A system by its name: input, selection, kind, target and settings. affectctl recipes lists them.",
      valueName: "name"), completion: .list(Recipe.all.map(\.name)))
  var recipe: String?

  @Flag(
    help: ArgumentHelp(
      "Train MusiCNN's layers after its front end, too. In an ensemble of perceptrons each has a second one beside it, on "
        + "MusiCNN's own embedding."))
  var fineTune = false

  @Option(
    help: ArgumentHelp(
      "Networks whose outputs are averaged, 3 to 16 (8 with --fine-tune or --augment); 1 for a single one.",
      valueName: "count"))
  var members = 1

  @Option(name: .customLong("split"), help: "How songs are divided.")
  var splitProtocol = SplitProtocol.artist

  @Option(
    name: [.short, .customLong("out")], help: ArgumentHelp("The model file to write.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp("Draw the learning curve into this file, .svg or .png.", valueName: "file"), completion: .file())
  var curve: String?

  func validate() throws {
    // Each leaves out a fold, and may need another one to choose by.
    let limit = companion != nil || fineTune && model == .mlp ? 8 : 16
    guard members == 1 || (3...limit).contains(members) else {
      throw ValidationError("--members: expected 1, or a number from 3 to \(limit)")
    }
    guard members == 1 || splitProtocol != .frame else {
      throw ValidationError("--members divides whole songs: --split frame is not to be had with it")
    }
    guard !fineTune || added.augment == nil else {
      throw ValidationError("--augment and --fine-tune do not go together: copies are trained on by their embeddings")
    }
    guard !fineTune || added.also == nil else {
      throw ValidationError("--also and --fine-tune do not go together")
    }
    guard !fineTune || (model.isNetwork && !model.readsImages && training.input ?? .audio(.musiCNN) == .audio(.musiCNN))
    else {
      throw ValidationError(
        "--fine-tune trains layers of MusiCNN under a network: it goes with that input alone, and with networks")
    }
    guard !fineTune && added.augment == nil || system.select == nil && target == .affect else {
      throw ValidationError("--select and --target quadrant go with neither --fine-tune nor --augment")
    }
    if let recipe {
      guard Recipe.all.contains(where: { $0.name == recipe }) else {
        throw ValidationError("--recipe: there is no '\(recipe)': affectctl recipes lists them")
      }
      guard !system.isGiven, !fineTune, added.augment == nil else {
        throw ValidationError("--recipe says all that --model, --select, --target, --fine-tune and --augment say")
      }
    }
  }

  private var chosen: Recipe? { Recipe.all.first { $0.name == recipe } }
  private var model: EmotionModelKind { chosen?.system.kind ?? system.model ?? .mlp }
  private var target: Target { chosen?.system.target ?? system.target ?? .affect }

  /// What is trained. An input that is named takes the place of a recipe's own.
  private func wholeSystem() throws -> (system: System, input: TrainingInput) {
    guard let chosen else { return (system.system(training.input), training.input ?? .audio(.musiCNN)) }
    return (chosen.system, try training.input ?? .read(chosen.system.input))
  }

  func run() async throws {
    try await Reporting.run(as: "affectctl") {
      // Before minutes of work, not after them.
      let inputs = try ([data.data] + [added.also].compactMap(\.self)).flatMap { try DataSetReader.inputs(in: $0) }
      _ = try OutputFile(path: output, inputs: inputs)
      if let curve { _ = try PictureFile(curve, inputs: inputs) }
      Interruption.catchSignals()
      if let warning = splitProtocol.warning { Console.warn("affectctl", warning) }
      let (system, input) = try wholeSystem()
      let standard =
        recipe != nil || target == .quadrant
        ? system.settings
        : model == .mlp && members > 1 && !fineTune
          ? TrainingSettings.member : TrainingSettings.standard(for: model, isFineTuned: fineTune)
      let settings = standard.training(atMost: training.epochs)
      let workshop = try Workshop(
        data, training, added, progress, input: input, target: target, hearsTonality: system.hearsTonality)
      if model.readsImages { try settings.convolution.check(workshop.shape, selection: system.selection) }
      let material = try await workshop.load()
      let patches = fineTune ? try await workshop.loadPatches(for: material, inSequence: model.isSequential) : nil
      let job = ModelTraining(
        kind: model, target: target, selection: system.selection, settings: settings, splitProtocol: splitProtocol,
        memberCount: members, companion: companion, seed: training.seed,
        leavesOutUnknownArtists: target == .quadrant && splitProtocol == .artist)
      let epochs = model.isNetwork ? members * (settings.epochs + (companion?.epochs ?? 0)) : 0
      let first = WorkProgress("epochs", total: epochs, progress)
      let outcome = try await job.run(
        on: material, patches: patches, workers: Machine.coreCount,
        progress: { _, _ in first.advance() }, shouldStop: { Interruption.isRequested })
      first.clear()
      if Interruption.isRequested { Console.warn("affectctl", "stopped: the best model so far is kept") }
      for note in outcome.notes { Console.warn("affectctl", note) }

      // The floor that a network has to beat, on the same songs.
      let floor =
        model == .ridge || target == .quadrant || material.set.width > RidgeRegression.inputLimit
        ? nil
        : try await ModelTraining(
          kind: .ridge, settings: settings, splitProtocol: splitProtocol, memberCount: members, seed: training.seed
        ).run(on: material.withoutCopies, workers: Machine.coreCount)
      let again = WorkProgress("epochs, for the score without unknown artists", total: epochs, progress)
      let cautious = try await job.withoutUnknownArtists(of: material)?.run(
        on: material, patches: patches, workers: Machine.coreCount,
        progress: { _, _ in again.advance() }, shouldStop: { Interruption.isRequested })
      again.clear()
      let report = TrainingReport(
        job, outcome, withoutUnknownArtists: cautious?.heldOut, floor: floor?.heldOut, material: material,
        isFineTuned: fineTune, data: workshop.dataSet, also: workshop.also,
        input: system.selection.map { "\(input.name), \($0)" } ?? input.name)
      Console.writeOutput(report.lines.joined(separator: "\n") + "\n")
      try TrainedModelFile.write(
        outcome,
        card: report.card(
          name: ModelName.of(output), embedding: workshop.embedding, staticWeight: training.staticWeight, added: added),
        to: output)
      if let curve { try writeCurves(outcome.networks, to: curve) }
      Console.writeOutput("\n\(output): written\n")
    }
  }

  /// Perceptrons on MusiCNN's own embedding err in other places than fine-tuned ones, and perceptrons that know venues in
  /// others than those that know recordings alone: an ensemble has both.
  private var companion: TrainingSettings? {
    guard fineTune || added.augment != nil, model == .mlp, members > 1 else { return nil }
    return (fineTune ? TrainingSettings.companion : .venueMember).training(atMost: training.epochs)
  }

  private func writeCurves(_ networks: [TrainedNetwork], to path: String) throws {
    let title = networks.count == 1 ? model.rawValue : "\(model.rawValue), network 1 of \(networks.count)"
    try PictureFile(path).write(svg: networks[0].curve.svg(title: title) + "\n")
  }
}

/// The name of a model, from that of its file.
enum ModelName {
  static func of(_ path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(".safetensors") ? String(file.dropLast(".safetensors".count)) : file
  }
}
