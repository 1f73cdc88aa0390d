internal import Synchronization

/// Work on several cores at once.
public enum ParallelWork {
  /// The results of `body` for `0..<count`, in order. Each worker makes what it needs for itself once, by `prepare`.
  ///
  /// - Throws: the first error of a body; the others end their present piece of work.
  public static func map<Worker, Result: Sendable>(
    count: Int, workers: Int, prepare: @escaping @Sendable () throws -> Worker,
    body: @escaping @Sendable (_ worker: inout Worker, _ index: Int) throws -> Result
  ) async throws -> [Result] {
    let next = Counter()
    let pieces = try await withThrowingTaskGroup(of: [(Int, Result)].self) { group in
      for _ in 0..<max(1, min(workers, count)) {
        group.addTask {
          var worker = try prepare()
          var results: [(Int, Result)] = []
          while true {
            let index = next.take()
            guard index < count, !Task.isCancelled else { return results }
            results.append((index, try body(&worker, index)))
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    return pieces.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
  }
}
