/// The kinds of emotion model, as a model file names them.
public enum EmotionModelKind: String, Sendable, CaseIterable {
  /// Linear in the normalised embedding.
  case ridge
  /// Multilayer perceptron.
  case mlp
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
    case .ridge, .mlp, .gru, .causalTransformer: true
    case .bilstm, .transformer: false
    }
  }

  /// Whether the model looks at more than one step.
  public var isSequential: Bool {
    switch self {
    case .ridge, .mlp: false
    case .gru, .causalTransformer, .bilstm, .transformer: true
    }
  }
}
