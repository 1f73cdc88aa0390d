/// The kinds of emotion model, as a model file names them.
public enum EmotionModelKind: String, Sendable, CaseIterable {
  /// Linear in the normalised embedding.
  case ridge
  /// The same with few weights that are not 0.
  case lasso
  /// Support vector machine for regression, with Gaussian kernels.
  case svr
  /// Support vector machine for classes, with Gaussian kernels.
  case svm
  /// The mean of decision trees, each grown on other samples.
  case forest
  /// The sum of decision trees, each grown on what those before it leave.
  case boosting
  /// Multilayer perceptron.
  case mlp
  /// Convolutions over an image of frames and bands.
  case cnn
  /// Gated recurrent units.
  case gru
  /// Transformer whose steps see only those before them, and of these a bounded number.
  case causalTransformer = "causal-transformer"
  /// Long short-term memory in both directions.
  case bilstm
  /// Transformer whose steps see all others.
  case transformer

  /// Whether the model can follow a stream, knowing nothing of what comes later.
  public var isLive: Bool {
    switch self {
    case .bilstm, .transformer: false
    default: true
    }
  }

  /// Whether the model looks at more than one step.
  public var isSequential: Bool {
    switch self {
    case .gru, .causalTransformer, .bilstm, .transformer: true
    default: false
    }
  }

  /// Whether the model is trained epoch by epoch, along gradients.
  public var isNetwork: Bool { self == .mlp || self == .cnn || isSequential }

  /// Whether the model reads an image, frames of bands: an embedding whose shape has two dimensions.
  public var readsImages: Bool { self == .cnn }

  /// Whether the model can tell quadrants apart.
  public var tellsQuadrants: Bool {
    switch self {
    case .ridge, .lasso, .svr: false
    default: true
    }
  }

  /// Whether the model can say valence and arousal themselves.
  public var tellsAffect: Bool { self != .svm }
}
