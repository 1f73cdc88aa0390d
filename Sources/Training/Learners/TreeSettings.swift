internal import EmotionModel

/// How trees are grown.
public struct TreeSettings: Sendable, Equatable {
  /// Trees of a forest; rounds of boosting at most.
  public var count = 300
  /// Questions from root to leaf at most, 1 to 32.
  public var depth: Int
  /// Samples of a leaf at least.
  public var leastLeaf = 1
  /// λ: how many samples of no residual each leaf is taken to hold beside its own.
  public var regularization = 0.0
  /// What a tree of a boosted ensemble is multiplied with.
  public var shrinkage = 1.0
  /// Share of the samples that a tree of a boosted ensemble is grown on, others for each.
  public var rowShare = 1.0
  /// Share of the inputs that are asked for: by each tree of a boosted ensemble, at each node of a forest.
  public var columnShare = 1.0
  /// Rounds without a better validation after which boosting ends; nil to go on to the last.
  public var patience: Int?

  public init(depth: Int) { self.depth = depth }

  func summary(of kind: EmotionModelKind) -> String {
    kind == .forest
      ? "\(count) trees, leaves of at least \(leastLeaf), \(NumberText.fixed(columnShare, 2)) of the inputs at a node"
      : "at most \(count) rounds, depth \(depth), shrinkage \(shrinkage), λ \(regularization), rows \(rowShare), "
        + "inputs \(columnShare)"
  }

  /// A random forest (Breiman, "Random forests", 2001).
  public static let forest: TreeSettings = {
    var settings = TreeSettings(depth: 32)
    settings.leastLeaf = 5
    settings.columnShare = 1 / 3.0
    return settings
  }()

  /// Boosting by the second-order gain of XGBoost (Chen and Guestrin, "XGBoost: a scalable tree boosting system", 2016).
  public static func boosting(depth: Int) -> TreeSettings {
    var settings = TreeSettings(depth: depth)
    settings.count = 300
    settings.regularization = 1
    settings.shrinkage = 0.05
    settings.rowShare = 0.8
    settings.columnShare = 0.8
    settings.patience = nil
    return settings
  }

  public static let boosting = boosting(depth: 4)

  /// Gradient boosting with plain means in the leaves (Friedman, "Greedy function approximation", 2001).
  public static let gradientBoosting: TreeSettings = {
    var settings = boosting(depth: 3)
    settings.regularization = 0
    return settings
  }()
}
