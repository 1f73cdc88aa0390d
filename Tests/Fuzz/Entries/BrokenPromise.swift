/// A reader did not do what its documentation says.
public struct BrokenPromise: Error, CustomStringConvertible {
  public let description: String

  /// - Throws: This error if `condition` does not hold.
  static func unless(_ condition: Bool, _ promise: @autoclosure () -> String) throws(BrokenPromise) {
    guard condition else { throw BrokenPromise(description: "does not hold: \(promise())") }
  }
}
