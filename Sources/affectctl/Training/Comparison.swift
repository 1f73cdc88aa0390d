import CommandLineSupport
import EmotionModel
import Platform
import Training

/// The trainings that `compare` sets side by side.
struct Comparison {
  let material: TrainingMaterial
  let patches: PatchMaterial?
  let seed: UInt64
  /// At most so many for each; nil for the kind's own.
  let epochs: Int?

  struct Result: Sendable {
    let model: String
    let splitProtocol: SplitProtocol
    let outcome: ModelTraining.Outcome
  }

  private struct Job: Sendable {
    let name: String
    let training: ModelTraining
    let isFineTuned: Bool
  }

  /// The longest trainings come first, so that no core waits long at the end.
  private var jobs: [Job] {
    var jobs: [Job] = []
    for splitProtocol in [SplitProtocol.artist, .frame] {
      // What reads images has another input than the others.
      var kinds = EmotionModelKind.allCases.filter { $0 == .ridge || $0.isNetwork && !$0.readsImages }.map {
        ($0, false)
      }
      if patches != nil { kinds.insert((.mlp, true), at: 0) }
      jobs += kinds.map { kind, isFineTuned in
        Job(
          name: kind.name(isFineTuned: isFineTuned),
          training: ModelTraining(
            kind: kind, settings: settings(kind, isFineTuned: isFineTuned), splitProtocol: splitProtocol, seed: seed
          ),
          isFineTuned: isFineTuned)
      }
    }
    return jobs.filter(\.isFineTuned) + jobs.filter { !$0.isFineTuned }
  }

  private func settings(_ kind: EmotionModelKind, isFineTuned: Bool) -> TrainingSettings {
    TrainingSettings.standard(for: kind, isFineTuned: isFineTuned).training(atMost: epochs)
  }

  /// - Parameter shouldStop: asked by every training; what is not begun by then is left out.
  func run(
    _ options: ProgressOptions, shouldStop: @escaping @Sendable () -> Bool
  ) async throws -> [Result] {
    let jobs = self.jobs
    let (material, patches) = (self.material, self.patches)
    let progress = WorkProgress("epochs", total: jobs.reduce(0) { $0 + $1.training.settings.epochs }, options)
    defer { progress.clear() }
    return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var waiting = jobs.enumerated().makeIterator()
      func startNext() {
        guard !shouldStop(), let (index, job) = waiting.next() else { return }
        group.addTask {
          let seen = Locked(0)
          let outcome = try await job.training.run(
            on: material, patches: job.isFineTuned ? patches : nil, workers: 1,
            progress: { _, _ in
              seen.withValue { $0 += 1 }
              progress.advance()
            }, shouldStop: shouldStop)
          // One that ends early has not all of its epochs.
          progress.advance(by: max(0, job.training.settings.epochs - seen.withValue { $0 }))
          return (
            index, Result(model: job.name, splitProtocol: job.training.splitProtocol, outcome: outcome)
          )
        }
      }
      for _ in 0..<Machine.coreCount { startNext() }
      var results: [(Int, Result)] = []
      while let result = try await group.next() {
        results.append(result)
        startNext()
      }
      return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
