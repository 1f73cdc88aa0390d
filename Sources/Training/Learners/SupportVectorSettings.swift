/// How a support vector machine is trained.
public struct SupportVectorSettings: Sendable, Equatable {
  /// C: what an error costs.
  public var cost: Double
  /// γ of the Gaussian kernel; nil for ``gammaFactor`` by the number of inputs and their variance.
  public var gamma: Double?
  public var gammaFactor = 1.0
  /// ε as a share of the target's standard deviation: errors below it cost nothing.
  public var tube = 0.1
  /// How exactly the optimum is found: libsvm's own tolerance.
  public var tolerance = 1e-3

  public init(cost: Double, gamma: Double? = nil, gammaFactor: Double = 1) {
    (self.cost, self.gamma, self.gammaFactor) = (cost, gamma, gammaFactor)
  }

  /// Among which the best is looked for if nothing is said.
  public static let grid = [0.3, 1, 3].flatMap { cost in
    [0.3, 1].map { SupportVectorSettings(cost: cost, gammaFactor: $0) }
  }

  var summary: String {
    let width = gamma.map { "γ \($0)" } ?? "γ \(gammaFactor) / (inputs × variance)"
    return "C \(cost), \(width)"
  }
}
