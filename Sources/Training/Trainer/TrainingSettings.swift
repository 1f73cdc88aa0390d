public import EmotionModel

/// How a model is trained. The standard ones follow the paper behind this project where it says something.
public struct TrainingSettings: Sendable, Equatable {
  public enum Optimizer: String, Sendable {
    case adam
    /// With a decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019).
    case adamW = "adamw"
  }

  public enum Schedule: String, Sendable {
    case constant
    /// Up to the learning rate and down again, in half cosines (Smith and Topin, "Super-convergence", 2018).
    case oneCycle = "one-cycle"
  }

  public var optimizer: Optimizer
  /// The highest of the schedule.
  public var learningRate: Double
  public var weightDecay = 0.0
  public var schedule = Schedule.constant
  /// Embeddings in a batch, or sequences of them for a sequence model.
  public var batchSize: Int
  /// At most so many.
  public var epochs: Int
  public static let epochCounts = 1...10_000
  /// Epochs without a better validation after which the training ends; nil to train through.
  public var patience: Int?
  public var dropout: Double
  /// Units of a perceptron's hidden layers.
  public var hiddenSizes = [256, 128]
  /// What the learning rate is multiplied with for layers that were trained before.
  public var retrainingFactor = 1.0
  /// How much Lin's concordance counts beside the squared error, see ``EmotionLoss``.
  public var concordance: Float = 0
  /// Moments, or sequences, of each song in an epoch, others each time; nil for all.
  public var unitsPerSong: Int?
  /// Norm to which the gradient is cut.
  public var gradientNorm = 1.0
  /// Shape of the beta distribution that the shares of two mixed songs are drawn from (Zhang and others, "mixup: beyond
  /// empirical risk minimization", 2018); nil for no mixing.
  public var mixup: Double?
  /// What a convolutional network is made of.
  public var convolution = ConvolutionSettings()
  /// How trees are grown; of several the best on the validation.
  public var trees = [TreeSettings.boosting]
  /// How support vector machines are trained; of several the best on the validation.
  public var supportVectors = SupportVectorSettings.grid

  /// Those of the paper, or the like for the kinds that it does not have. Ridge regression, which has a closed
  /// solution, takes nothing of it.
  public static func standard(for kind: EmotionModelKind, isFineTuned: Bool = false) -> TrainingSettings {
    guard !isFineTuned else {
      return TrainingSettings(
        optimizer: .adamW, learningRate: 1e-3, weightDecay: 0.01, schedule: .oneCycle,
        batchSize: kind.isSequential ? 8 : 32, epochs: 25, dropout: 0.5, hiddenSizes: [128], retrainingFactor: 0.1,
        concordance: 0.1, unitsPerSong: 1, mixup: 0.4)
    }
    switch kind {
    case .svr, .svm, .forest, .boosting, .lasso:
      var settings = standard(for: .mlp)
      // The moments of a song are near copies of each other.
      settings.unitsPerSong = kind == .lasso ? nil : 4
      settings.trees = [kind == .forest ? .forest : .boosting]
      return settings
    case .ridge, .mlp:
      return TrainingSettings(
        optimizer: .adamW, learningRate: 5e-4, weightDecay: 0.01, batchSize: 156, epochs: 60, patience: 10, dropout: 0.2
      )
    // Images of 3 s every half second overlap: fifteen of a song tell about all of it.
    case .cnn:
      return TrainingSettings(
        optimizer: .adam, learningRate: 1e-3, batchSize: 32, epochs: 50, patience: 10, dropout: 0.3, unitsPerSong: 15)
    case .bilstm:
      return TrainingSettings(
        optimizer: .adam, learningRate: 5e-4, batchSize: 64, epochs: 40, patience: 10, dropout: 0.2)
    case .transformer:
      return TrainingSettings(
        optimizer: .adam, learningRate: 5e-4, batchSize: 32, epochs: 40, patience: 10, dropout: 0.1)
    case .gru: return live(learningRate: 5e-4, dropout: 0.2)
    // At a constant 5e-4 it stays below ridge regression.
    case .causalTransformer: return live(learningRate: 1e-4, dropout: 0.1)
    }
  }

  /// For the sequence models that the paper does not have.
  private static func live(learningRate: Double, dropout: Double) -> TrainingSettings {
    TrainingSettings(
      optimizer: .adam, learningRate: learningRate, schedule: .oneCycle, batchSize: 32, epochs: 20, dropout: dropout,
      concordance: 0.1, mixup: 0.4)
  }

  /// For a perceptron on MusiCNN's own embedding that is averaged with fine-tuned ones: the like of theirs.
  public static let companion = TrainingSettings(
    optimizer: .adamW, learningRate: 1e-3, weightDecay: 0.01, schedule: .oneCycle, batchSize: 64, epochs: 40,
    dropout: 0.5, hiddenSizes: [128], concordance: 0.1, unitsPerSong: 1, mixup: 0.4)

  /// For the perceptrons of an ensemble on MusiCNN's own embedding.
  public static let member = TrainingSettings(
    optimizer: .adamW, learningRate: 1e-3, weightDecay: 0.01, schedule: .oneCycle, batchSize: 64, epochs: 40,
    dropout: 0.5, hiddenSizes: [128], concordance: 0.3, unitsPerSong: 1, mixup: 0.4)

  /// For a perceptron beside each of those that hears copies of the songs in venues, too.
  public static let venueMember = TrainingSettings(
    optimizer: .adamW, learningRate: 1e-3, weightDecay: 0.01, schedule: .oneCycle, batchSize: 64, epochs: 30,
    dropout: 0.3, hiddenSizes: [256], concordance: 0.6, unitsPerSong: 1, mixup: 0.4)

  /// The same with another bound of the epochs, if there is one.
  public func training(atMost epochs: Int?) -> TrainingSettings {
    var settings = self
    if let epochs { settings.epochs = epochs }
    return settings
  }

  /// Whether a training of `kind` has something to choose on a validation.
  func needsValidation(_ kind: EmotionModelKind) -> Bool {
    switch kind {
    case .ridge, .lasso: true
    case .svr, .svm: supportVectors.count > 1
    case .forest: trees.count > 1
    case .boosting: trees.count > 1 || trees[0].patience != nil
    default: patience != nil
    }
  }

  /// In words, for the model card.
  public func summary(of kind: EmotionModelKind) -> String {
    let moments = unitsPerSong.map { ", \($0) moments of each song" } ?? ""
    switch kind {
    case .ridge: return "closed form"
    case .lasso: return "coordinate descent" + moments
    case .svr, .svm: return supportVectors.map(\.summary).joined(separator: " or ") + moments
    case .forest: return trees.map { $0.summary(of: .forest) }.joined(separator: " or ") + moments
    case .boosting: return trees.map { $0.summary(of: .boosting) }.joined(separator: " or ") + moments
    case .cnn: return "\(convolution.summary), \(networkSummary)"
    default: return networkSummary
    }
  }

  private var networkSummary: String {
    var parts = ["\(optimizer.rawValue) \(learningRate)"]
    if weightDecay > 0 { parts.append("weight decay \(weightDecay)") }
    if schedule != .constant { parts.append(schedule.rawValue) }
    if retrainingFactor != 1 { parts.append("\(learningRate * retrainingFactor) for MusiCNN's layers") }
    parts += ["batch \(batchSize)", "at most \(epochs) epochs"]
    if let patience { parts.append("patience \(patience)") }
    parts.append("dropout \(dropout)")
    if concordance > 0 { parts.append("concordance \(concordance)") }
    if let unitsPerSong { parts.append("moments of a song in an epoch: \(unitsPerSong)") }
    if let mixup { parts.append("mixup \(mixup)") }
    return parts.joined(separator: ", ")
  }
}
