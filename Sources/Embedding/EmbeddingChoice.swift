/// An embedding as a user names it: `musicnn`, `openl3[-mel128][-6144]`, descriptors without a network (`librosa`,
/// `egemaps` and so on), or several of them, joined by `+`.
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
    case egemaps(EGeMAPS.Window)
    /// ``Compare260``
    case compare
    case midLevel(MidLevelFeatures.Selection)
  }

  private init(_ part: Part) {
    parts = [part]
  }

  public static let musiCNN = EmbeddingChoice(.musiCNN)
  public static let librosa = EmbeddingChoice(.librosa(.all))
  public static let logMel = EmbeddingChoice(.logMel)
  public static func openL3(_ variant: OpenL3Variant) -> EmbeddingChoice { EmbeddingChoice(.openL3(variant)) }

  /// The parts with one name and one identifier each.
  fileprivate static let table: [(name: String, identifier: String, part: Part)] = [
    ("musicnn", MusiCNN.identifier, .musiCNN),
    ("librosa", LibrosaFeatures.Selection.all.rawValue, .librosa(.all)),
    ("librosa-346", LibrosaFeatures.Selection.cepstra20.rawValue, .librosa(.cepstra20)),
    ("logmel", LogMelPatch.identifier, .logMel),
    ("egemaps", EGeMAPS.Window.second.rawValue, .egemaps(.second)),
    ("egemaps-200ms", EGeMAPS.Window.fifth.rawValue, .egemaps(.fifth)),
    ("compare260", Compare260.identifier, .compare),
    ("mid", MidLevelFeatures.Selection.all.rawValue, .midLevel(.all)),
    ("mid-6", MidLevelFeatures.Selection.six.rawValue, .midLevel(.six)),
  ]

  /// The paper of Cao has these together.
  private static let shorthand: (name: String, parts: [Substring]) = ("egemaps-mid", ["egemaps", "mid-6"])

  /// What an embedding of one part may be called.
  public static let allNames =
    ["musicnn", "openl3", "openl3-mel128", "openl3-6144", "openl3-mel128-6144"] + table.dropFirst().map(\.name)

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
    let names = name.split(separator: "+", omittingEmptySubsequences: false)
      .flatMap { $0 == Self.shorthand.name ? Self.shorthand.parts : [$0] }
    for name in names {
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
      guard let entry = Self.table.first(where: { $0.identifier == part }) else { return nil }
      names.append(entry.name)
    }
    guard let choice = try? EmbeddingChoice(name: names.joined(separator: "+")) else { return nil }
    self = choice
  }

  public var name: String { parts.map(\.name).joined(separator: "+") }

  public var hasOpenL3: Bool { parts.contains { $0.family == "openl3" } }

  /// Whether any part is a network.
  public var hasWeights: Bool { parts.contains(where: \.hasWeights) }
}

extension EmbeddingChoice.Part {
  /// Nil if `name` is none of the known ones.
  init?(name: Substring) {
    if let entry = EmbeddingChoice.table.first(where: { $0.name == name }) {
      self = entry.part
      return
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
    case .musiCNN, .librosa, .logMel, .egemaps, .compare, .midLevel:
      EmbeddingChoice.table.first { $0.part == self }!.name  // all of them are there
    }
  }

  /// Whether it is a network.
  public var hasWeights: Bool {
    switch self {
    case .musiCNN, .openL3: true
    case .librosa, .logMel, .egemaps, .compare, .midLevel: false
    }
  }

  /// The network or the descriptors without the variant. Two of a family would say the same twice.
  fileprivate var family: String {
    switch self {
    case .musiCNN: "musicnn"
    case .openL3: "openl3"
    case .librosa: "librosa"
    case .logMel: "logmel"
    case .egemaps: "egemaps"
    case .compare: "compare"
    case .midLevel: "mid"
    }
  }
}
