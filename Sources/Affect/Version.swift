/// What this is, as the first line on the socket and `--version` say it.
public enum Version {
  public static let number = "0.2.0"
  public static let server = "affectd \(number)"
}
