/// An embedding as a user names it: `musicnn`, `openl3[-mel128][-6144]`, descriptors without a network (`librosa`,
/// `librosa-346`, `logmel`), or several of them, joined by `+`.
public struct EmbeddingChoice: Sendable, Equatable {
  /// In the order of their values; at least one.
  public let parts: [Part]

  /// One of the ``allNames``.
  public enum Part: Sendable, Equatable {
    case musiCNN
    case openL3(OpenL3Variant)
    case librosa(LibrosaFeatures.Selection)
    /// ``LogMelPatch``
    case logMel
  }

  private init(_ part: Part) {
    parts = [part]
  }

  public static let musiCNN = EmbeddingChoice(.musiCNN)
  public static let librosa = EmbeddingChoice(.librosa(.all))
  public static let logMel = EmbeddingChoice(.logMel)
  public static func openL3(_ variant: OpenL3Variant) -> EmbeddingChoice { EmbeddingChoice(.openL3(variant)) }

  /// What an embedding of one part may be called.
  public static let allNames = [
    "musicnn", "openl3", "openl3-mel128", "openl3-6144", "openl3-mel128-6144", "librosa", "librosa-346", "logmel",
  ]

  /// Why a text is no name.
  public enum NameProblem: Error, Equatable, CustomStringConvertible {
    /// Nothing is called this.
    case unknown(String)
    /// Of these, a sum takes one: they are the same, or kinds of the same network or descriptors.
    case related(String, String)

    public var description: String {
      switch self {
      case .unknown(let name):
        "there is no '\(name)': expected one of \(allNames.joined(separator: ", ")), or several of them with + in between"
      case .related(let first, let second):
        first == second
          ? "'\(first)' stands twice: leave out one"
          : "of '\(first)' and '\(second)', a sum takes one: leave out the other"
      }
    }
  }

  public init(name: String) throws(NameProblem) {
    var parts: [Part] = []
    for name in name.split(separator: "+", omittingEmptySubsequences: false) {
      guard let part = Part(name: name) else { throw .unknown(String(name)) }
      if let other = parts.first(where: { $0.family == part.family }) { throw .related(other.name, part.name) }
      parts.append(part)
    }
    self.parts = parts
  }

  /// By the identifier that a model file names; nil for other embeddings than MusiCNN, descriptors and their sums.
  public init?(identifier: String) {
    var names: [String] = []
    for part in identifier.split(separator: "+", omittingEmptySubsequences: false) {
      switch part {
      case MusiCNN.identifier: names.append("musicnn")
      case LibrosaFeatures.Selection.all.rawValue: names.append("librosa")
      case LibrosaFeatures.Selection.cepstra20.rawValue: names.append("librosa-346")
      case LogMelPatch.identifier: names.append("logmel")
      default: return nil
      }
    }
    guard let choice = try? EmbeddingChoice(name: names.joined(separator: "+")) else { return nil }
    self = choice
  }

  public var name: String { parts.map(\.name).joined(separator: "+") }

  public var hasOpenL3: Bool { parts.contains { $0.family == "openl3" } }

  /// Whether any part is a network.
  public var hasWeights: Bool { hasOpenL3 || parts.contains(.musiCNN) }
}

extension EmbeddingChoice.Part {
  /// Nil if `name` is none of the known ones.
  init?(name: Substring) {
    switch name {
    case "musicnn":
      self = .musiCNN
      return
    case "librosa":
      self = .librosa(.all)
      return
    case "librosa-346":
      self = .librosa(.cepstra20)
      return
    case "logmel":
      self = .logMel
      return
    default: break
    }
    var words = name.split(separator: "-", omittingEmptySubsequences: false)[...]
    guard words.popFirst() == "openl3" else { return nil }
    let input: OpenL3Variant.Input
    switch words.first {
    case "mel128": (input, words) = (.mel128, words.dropFirst())
    case "mel256": (input, words) = (.mel256, words.dropFirst())
    default: input = .mel256
    }
    let size: OpenL3Variant.Size
    switch words.first {
    case "512": (size, words) = (.values512, words.dropFirst())
    case "6144": (size, words) = (.values6144, words.dropFirst())
    default: size = .values512
    }
    guard words.isEmpty else { return nil }
    self = .openL3(OpenL3Variant(input: input, size: size))
  }

  /// The shortest that it has.
  public var name: String {
    switch self {
    case .openL3(let variant):
      family + (variant.input == .mel128 ? "-mel128" : "") + (variant.size == .values6144 ? "-6144" : "")
    case .librosa(.cepstra20): "librosa-346"
    case .musiCNN, .librosa(.all), .logMel: family
    }
  }

  /// The network or the descriptors without the variant. Two of a family would say the same twice.
  fileprivate var family: String {
    switch self {
    case .musiCNN: "musicnn"
    case .openL3: "openl3"
    case .librosa: "librosa"
    case .logMel: "logmel"
    }
  }
}
