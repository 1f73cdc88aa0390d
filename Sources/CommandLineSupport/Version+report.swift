public import Affect
internal import FastKernels
internal import ShippedModels

extension Version {
  /// What `--version` prints: the program, the models that come with it with their licences, and the instruction set
  /// that its networks use on this machine.
  public static func report(of program: String) -> String {
    var lines = ["\(program) \(number), Apache-2.0"]
    lines += ShippedModel.allCases.map { "\($0.purpose): \($0.title), \($0.licence)" }
    lines.append("instruction set: \(Kernels.standard.name)")
    return lines.joined(separator: "\n")
  }
}
