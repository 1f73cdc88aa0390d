public import ArgumentParser
import CommandLineSupport
import EmotionModel
import Platform
public import Training

/// What is trained: the parts of a ``System`` one by one, or all of them by a recipe's name.
struct SystemOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The kind of model: \(EmotionModelKind.allCases.map(\.rawValue).joined(separator: ", ")). (default: mlp)",
      valueName: "kind"), completion: .list(EmotionModelKind.allCases.map(\.rawValue)))
  var model: EmotionModelKind?

  @Option(
    help: ArgumentHelp(
      "Which values of the input the model reads, found on the training songs: \(InputSelection.forms). (default: all)",
      valueName: "selection"))
  var select: InputSelection?

  @Option(help: ArgumentHelp("What the model says. (default: affect)", valueName: "target"))
  var target: Target?

  func validate() throws {
    let (kind, target) = (model ?? .mlp, target ?? .affect)
    guard target == .affect || kind.tellsQuadrants else {
      throw ValidationError("--target quadrant: a \(kind.rawValue) tells no quadrants apart")
    }
    guard select == nil || !kind.readsImages else {
      throw ValidationError("--select: a \(kind.rawValue) reads whole images")
    }
    guard target == .quadrant || kind.tellsAffect else {
      throw ValidationError("--model \(kind.rawValue) tells quadrants apart: it goes with --target quadrant alone")
    }
  }

  /// Whether any part is asked for.
  var isGiven: Bool { model != nil || select != nil || target != nil }

  /// - Parameter input: nil for MusiCNN.
  func system(_ input: TrainingInput?) -> System {
    System(
      input: input?.name ?? "musicnn", selection: select, kind: model ?? .mlp, target: target ?? .affect)
  }
}

extension Target: ExpressibleByArgument {}

extension InputSelection: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
