/// Something that whoever runs affectd should know.
public enum PublishingRemark: Sendable, Equatable {
  /// Somebody sends what cannot be used, as often as they like.
  case misuse(String)
  /// Something does not work until further notice.
  case outage(String)
  /// It works again.
  case recovery(String)

  public var text: String {
    switch self {
    case .misuse(let text), .outage(let text), .recovery(let text): text
    }
  }
}
