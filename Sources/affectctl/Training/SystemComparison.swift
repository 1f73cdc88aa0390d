import CommandLineSupport
import Embedding
import EmotionModel
import Platform
import Training

/// The systems that `compare` scores on folds, one after the other.
struct SystemComparison {
  let recipes: [(name: String, system: System, published: String?)]
  let data: DataOptions
  let training: TrainingOptions
  let progress: ProgressOptions
  let splitProtocol: SplitProtocol
  let folds: Int
  let repeats: Int

  /// A system that cannot be trained here, such as one whose weights are not there, is left out with a line that says why.
  ///
  /// - Parameter first: called with what the first system was trained on, its folds, and the names of its inputs.
  func run(
    first: (TrainingMaterial, System, [CrossValidation.Fold], [String]) throws -> Void
  ) async throws -> [SystemTable.Row] {
    let dataSet = try data.read()
    var rows: [SystemTable.Row] = []
    var materials: [(key: String, material: TrainingMaterial, names: [String])] = []
    for recipe in recipes where !Interruption.isRequested {
      do {
        var system = recipe.system
        if let epochs = training.epochs { system.settings = system.settings.training(atMost: epochs) }
        let input = try TrainingInput.read(system.input)
        // The next ones often hear the same.
        let key = "\(system.input) \(system.target) \(system.hearsTonality)"
        let (material, names): (TrainingMaterial, [String])
        if let known = materials.first(where: { $0.key == key }) {
          (material, names) = (known.material, known.names)
        } else {
          let workshop = try Workshop(
            data, training, nil, progress, input: input, target: system.target,
            hearsTonality: system.hearsTonality, dataSet: dataSet)
          if system.kind.readsImages {
            try system.settings.convolution.check(workshop.shape, selection: system.selection)
          }
          (material, names) = (try await workshop.load(), try workshop.valueNames())
          materials = materials.suffix(1) + [(key, material, names)]
        }
        let validation = CrossValidation(
          system: system, splitProtocol: splitProtocol, folds: folds, repeats: repeats, seed: training.seed)
        let line = WorkProgress("folds of \(recipe.name)", total: folds * repeats, progress)
        defer { line.clear() }
        let done = try await validation.run(
          on: material, workers: Machine.coreCount, progress: { line.advance() },
          shouldStop: { Interruption.isRequested })
        guard done.count == folds * repeats else { break }
        if rows.isEmpty { try first(material, system, done, names) }
        rows.append(
          SystemTable.Row(
            name: recipe.name, summary: system.summary, published: recipe.published, folds: done))
      } catch let failure as Failure where recipes.count > 1 {
        Console.warn("affectctl", "\(recipe.name) is left out: \(failure)")
      }
    }
    return rows
  }
}
