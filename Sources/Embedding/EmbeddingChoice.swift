/// An embedding as a user names it: `musicnn`, `openl3[-mel128][-6144]`, or descriptors without a network: `librosa`,
/// `logmel`.
public enum EmbeddingChoice: Sendable, Equatable {
  case musiCNN
  case openL3(OpenL3Variant)
  /// ``LibrosaFeatures``
  case librosa
  /// ``LogMelPatch``
  case logMel

  /// Nil if `name` is none of ``allNames``.
  public init?(name: String) {
    switch name {
    case "musicnn":
      self = .musiCNN
      return
    case "librosa":
      self = .librosa
      return
    case "logmel":
      self = .logMel
      return
    default: break
    }
    var parts = name.split(separator: "-", omittingEmptySubsequences: false)[...]
    guard parts.popFirst() == "openl3" else { return nil }
    let input: OpenL3Variant.Input
    switch parts.first {
    case "mel128": (input, parts) = (.mel128, parts.dropFirst())
    case "mel256": (input, parts) = (.mel256, parts.dropFirst())
    default: input = .mel256
    }
    let size: OpenL3Variant.Size
    switch parts.first {
    case "512": (size, parts) = (.values512, parts.dropFirst())
    case "6144": (size, parts) = (.values6144, parts.dropFirst())
    default: size = .values512
    }
    guard parts.isEmpty else { return nil }
    self = .openL3(OpenL3Variant(input: input, size: size))
  }

  public static let allNames = [
    "musicnn", "openl3", "openl3-mel128", "openl3-6144", "openl3-mel128-6144", "librosa", "logmel",
  ]
}
