import CommandLineSupport
import FastKernels
import Glibc
import NeuralNetwork
import Publishing

/// Runs single parts of affectd on request and says how long they took. `Benchmarks/compare.py` drives it, so that
/// the runs of both sides alternate.
///
/// `--instructions NAME` takes the kernels of another instruction set than the best: portable, avx2 or avx512.
///
/// First it prints a line of JSON that says what the machine can do. Then, for each line `NAME COUNT` on standard
/// input, it runs the benchmark so often and prints `{"name":…,"seconds":[…]}`, with the relative L2 `error` against
/// the stored reference where there is one.
@main
struct AffectBench {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    if !arguments.isEmpty {
      guard arguments.count == 2, arguments.first == "--instructions", let name = arguments.last,
        Kernels.available.contains(where: { $0.name == name })
      else {
        let names = Kernels.available.map(\.name).joined(separator: ", ")
        Console.writeError("usage: affectbench [--instructions NAME], on this processor one of \(names)\n")
        exit(64)
      }
      setenv("AFFECTD_KERNELS", name, 1)
    }
    MatrixProducts.useCallingThreadOnly()
    reply(ready())
    var benchmarks: [String: Benchmark] = [:]
    while let line = readLine() {
      let words = line.split(separator: " ")
      guard words.count == 2, let count = Int(words[1]), (1...10_000).contains(count) else {
        reply(failure("expected NAME COUNT, found '\(line)'"))
        continue
      }
      let name = String(words[0])
      do {
        // Set up once, at the first request.
        guard let benchmark = try benchmarks[name] ?? Benchmark.named(name) else {
          reply(failure("no benchmark is called '\(name)'"))
          continue
        }
        benchmarks[name] = benchmark
        var answer = JSONLine()
        answer.add("name", name)
        answer.add("seconds", (0..<count).map { _ in Float(seconds(benchmark.run)) })
        if let error = benchmark.error?() { answer.add("error", error) }
        reply(answer)
      } catch {
        reply(failure("\(error)"))
      }
    }
  }

  private static func ready() -> JSONLine {
    var line = JSONLine()
    line.add("ready", 1)
    line.add("instructionSet", Kernels.standard.name)
    line.add("available", Kernels.available.reversed().map(\.name))
    var peak = JSONLine()
    for kernels in Kernels.available {
      // The best of three: the first still finds the processor at rest.
      let best =
        (0..<3).map { _ in
          var operations = 0.0
          let time = seconds { operations = kernels.runPeak(millions: 2_000) }
          return operations / time / 1e9
        }.max() ?? 0
      peak.add(kernels.name, (best * 10).rounded() / 10)
    }
    line.add("peakGFLOPS", peak)
    return line
  }

  private static func failure(_ message: String) -> JSONLine {
    var line = JSONLine()
    line.add("error_message", message)
    return line
  }

  private static func reply(_ line: JSONLine) {
    print(line.object)
    fflush(nil)
  }

  /// Wall-clock seconds that `body` takes.
  private static func seconds(_ body: () -> Void) -> Double {
    var (start, end) = (timespec(), timespec())
    clock_gettime(CLOCK_MONOTONIC, &start)
    body()
    clock_gettime(CLOCK_MONOTONIC, &end)
    return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) * 1e-9
  }
}
