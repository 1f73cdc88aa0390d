internal import Glibc
public import Platform

/// A weights file that comes with affectd.
public enum ShippedModel: String, Sendable, CaseIterable {
  /// MusiCNN trained on the Million Song Dataset (Pons and Serra, 2019), ISC licence: see the notice beside it.
  case musiCNN = "musicnn-msd.safetensors"
  /// The emotion model for MusiCNN's embedding that is used when none is named.
  case emotion = "deam-mlp.safetensors"

  /// What it is for, as `--version` says it.
  public var purpose: String {
    switch self {
    case .musiCNN: "embedding"
    case .emotion: "emotion model"
    }
  }

  /// Its name, and where it comes from.
  public var title: String {
    switch self {
    case .musiCNN: "MusiCNN trained on the Million Song Dataset (Pons and Serra, 2019)"
    case .emotion: "deam-mlp, trained on DEAM and 4QAED"
    }
  }

  /// SPDX's name of its licence, and whose it is. The notices are installed beside the programs.
  public var licence: String {
    switch self {
    case .musiCNN: "ISC (Music Technology Group, Universitat Pompeu Fabra)"
    case .emotion: "Apache-2.0"
    }
  }

  /// Where the file lies, looked for
  /// - beside the program, where `swift build` puts the package's resources,
  /// - in `../share/affectd` from there, where `make install` puts them.
  ///
  /// - Throws: ``Failure`` with the places that were tried.
  public func locate() throws(Failure) -> String {
    let directory = Self.programDirectory
    let candidates = [
      "\(directory)/affectd_ShippedModels.resources/\(rawValue)",
      "\(directory)/../share/affectd/\(rawValue)",
    ]
    guard let found = candidates.first(where: { access($0, R_OK) == 0 }) else {
      throw Failure(
        .unavailable,
        "the model file \(rawValue) is missing, looked for in \(candidates.joined(separator: " and ")): "
          + "install affectd again, or name the file with an option")
    }
    return found
  }

  /// The directory of the running program, links resolved. `Bundle.module` is not used: it traps in a program that
  /// was moved from its build directory.
  private static var programDirectory: String {
    guard let program = realpath("/proc/self/exe", nil) else { return "." }
    defer { free(program) }
    let path = String(cString: program)
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}
