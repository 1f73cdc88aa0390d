/// A tensor of a network under the name that it has in a model file.
public struct Parameter<Scalar: TrainingScalar> {
  public var name: String
  public let variable: Variable<Scalar>

  public init(_ name: String, _ variable: Variable<Scalar>) {
    self.name = name
    self.variable = variable
  }
}

extension Array {
  /// The same parameters with `prefix` and a full stop before their names.
  public func prefixed<Scalar>(_ prefix: String) -> [Parameter<Scalar>] where Element == Parameter<Scalar> {
    map { Parameter("\(prefix).\($0.name)", $0.variable) }
  }

  /// Forgets the gradients.
  public func clearGradients<Scalar>() where Element == Parameter<Scalar> {
    for parameter in self { parameter.variable.gradient = nil }
  }

  /// Lets `body` compute with the parameters as constants, which records nothing.
  public func withoutGradients<Scalar, Result>(_ body: () throws -> Result) rethrows -> Result
  where Element == Parameter<Scalar> {
    let needed = map(\.variable.needsGradient)
    for parameter in self { parameter.variable.needsGradient = false }
    defer { for (parameter, needed) in zip(self, needed) { parameter.variable.needsGradient = needed } }
    return try body()
  }
}
