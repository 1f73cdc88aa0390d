internal import EmotionModel

/// A system of a paper, or one that stands beside them, under a name.
public struct Recipe: Sendable {
  public let name: String
  public let paper: Paper
  public let system: System
  /// The published figures with their protocol; nil for what no paper has.
  public let published: String?

  /// Where a system comes from.
  public enum Paper: String, Sendable, CaseIterable {
    /// Handcrafted features and regressors; spectrogram networks; PANNs. DEAM, by song.
    case gupta
    /// Networks over lagged features. DEAM and PMEmo, over time.
    case qiu
    /// Four quadrants. 4QAED.
    case louro
    /// eGeMAPS and mid-level features, CNN-BiLSTM with self-attention. EmoMusic and DEAM.
    case cao
    /// OpenL3 with perceptron, BiLSTM and transformer. DEAM, over time.
    case lyu
    /// No paper.
    case own
  }

  init(_ name: String, _ paper: Paper, _ system: System, published: String? = nil) {
    self.name = name
    self.paper = paper
    self.system = system
    self.published = published
  }

  /// The recipes that a person means by `text`: names of recipes and papers, separated by commas, or `all`.
  ///
  /// - Throws: ``NameProblem`` if they are none.
  public static func named(_ text: String) throws(NameProblem) -> [Recipe] {
    if text == "all" { return all }
    var result: [Recipe] = []
    for part in text.split(separator: ",") {
      let own = all.filter { $0.name == part || $0.paper.rawValue == part }
      guard !own.isEmpty else { throw .unknown(String(part)) }
      result += own.filter { recipe in !result.contains { $0.name == recipe.name } }
    }
    guard !result.isEmpty else { throw .none }
    return result
  }

  /// Why a text means no recipes.
  public enum NameProblem: Error, Equatable, CustomStringConvertible {
    case none
    case unknown(String)

    public var description: String {
      switch self {
      case .none: "no recipe is named: affectctl recipes lists them"
      case .unknown(let name): "there is no recipe or paper '\(name)': affectctl recipes lists them"
      }
    }
  }
}

extension Recipe {
  /// All of them, paper by paper.
  public static let all: [Recipe] = gupta + qiu + louro + cao + lyu + own

  private static let guptaProtocol = "1,744 songs, static labels of DEAM, one split by song"

  /// How the songs were divided is not said.
  private static let imageProtocol = "best validation, patches of 3 s, static labels of DEAM, division not stated"

  private static let gupta: [Recipe] = [
    Recipe("gupta-ridge", .gupta, System(input: "librosa", kind: .ridge)),
    Recipe("gupta-lasso", .gupta, System(input: "librosa", kind: .lasso)),
    Recipe("gupta-svr", .gupta, System(input: "librosa", kind: .svr)),
    Recipe("gupta-forest", .gupta, System(input: "librosa", kind: .forest, settings: forests([1 / 3.0, 1 / 20.0]))),
    Recipe(
      "gupta-gbr", .gupta,
      System(input: "librosa", kind: .boosting, settings: boosting([.gradientBoosting]))),
    Recipe(
      "gupta-xgb", .gupta,
      System(input: "librosa", kind: .boosting, settings: boosting([3, 4, 6].map(TreeSettings.boosting))),
      published: "R² .554 / .527; \(guptaProtocol)"),
    Recipe("gupta-xgb-346", .gupta, System(input: "librosa-346", kind: .boosting)),
    Recipe(
      "gupta-xgb-pearson", .gupta, System(input: "librosa", selection: selection("pearson:15"), kind: .boosting),
      published: "R² .504 / .499; \(guptaProtocol)"),
    Recipe(
      "gupta-xgb-union", .gupta,
      System(input: "librosa", selection: selection("shap:15+pearson:15"), kind: .boosting),
      published: "R² .505 / .462; \(guptaProtocol)"),
    Recipe(
      "gupta-xgb-intersection", .gupta,
      System(input: "librosa", selection: selection("shap:15&pearson:15"), kind: .boosting),
      published: "R² .466 / .411; \(guptaProtocol)"),
    Recipe(
      "gupta-xgb-pca", .gupta, System(input: "librosa", selection: selection("pca:30"), kind: .boosting),
      published: "\"lower\", without a figure"),
    Recipe(
      "gupta-cnn", .gupta, System(input: "logmel", kind: .cnn, settings: convolutions(.flatten, epochs: 15)),
      published: "R² .435 / .483; \(imageProtocol)"),
    Recipe(
      "gupta-se-cnn", .gupta, System(input: "logmel", kind: .cnn, settings: convolutions(.temporal, gateRatio: 8)),
      published: "R² .464 / .527; \(imageProtocol)"),
    Recipe(
      "gupta-cnn-gru", .gupta, System(input: "logmel", kind: .cnn, settings: convolutions(.gru, gateRatio: 8)),
      published: "R² .460 / .512; \(imageProtocol)"),
    Recipe(
      "gupta-cnn-gru-attention", .gupta,
      System(input: "logmel", kind: .cnn, settings: convolutions(.gruAttention, gateRatio: 8)),
      published: "R² .456 / .499; \(imageProtocol)"),
    Recipe(
      "gupta-musicnn", .gupta,
      System(input: "musicnn", kind: .mlp, settings: perceptron([512, 128], dropout: 0.3, epochs: 30, batch: 32)),
      published: "with PANNs in the place of MusiCNN: R² .451 / .667; 349 test songs, means of the labels over time"),
  ]

  private static let qiu: [Recipe] = [
    Recipe(
      "qiu-forest", .qiu,
      System(input: "compare260", selection: selection("forest:0.0015"), kind: .forest),
      published: "with a network over 25 moments, and past labels: R² .786 / .845; segments at random (which leaks)"),
    Recipe(
      "qiu-boosting", .qiu,
      System(input: "compare260", selection: selection("forest:0.0015"), kind: .boosting)),
  ]

  private static let louroProtocol = "macro-F1, 900 clips of 4QAED, stratified 10 × 10 folds by song"

  private static let louro: [Recipe] = [
    Recipe(
      "louro-svm", .louro,
      System(
        input: "table:top100_features.csv", kind: .svm, target: .quadrant,
        settings: supportVectors([SupportVectorSettings(cost: 2, gamma: 0.005)])),
      published: ".756; \(louroProtocol)"),
    Recipe(
      "louro-svm-live", .louro,
      System(input: "librosa+mid", selection: selection("shap:100"), kind: .svm, target: .quadrant)),
    Recipe("louro-musicnn-svm", .louro, System(input: "musicnn", kind: .svm, target: .quadrant)),
    Recipe("louro-both-svm", .louro, System(input: "librosa+musicnn", kind: .svm, target: .quadrant)),
    Recipe(
      "louro-openl3-forest", .louro, System(input: "openl3", kind: .forest, target: .quadrant),
      published: ".557; \(louroProtocol)"),
    Recipe("louro-musicnn-forest", .louro, System(input: "musicnn", kind: .forest, target: .quadrant)),
    Recipe("louro-musicnn-mlp", .louro, System(input: "musicnn", kind: .mlp, target: .quadrant)),
  ]

  private static let caoProtocol = "static labels of DEAM, division not stated"

  private static let cao: [Recipe] = [
    Recipe(
      "cao-egemaps-svr", .cao, System(input: "egemaps", kind: .svr),
      published: "with a network over 99 moments: R² .551 / .615; \(caoProtocol)"),
    Recipe(
      "cao-svr", .cao, System(input: "egemaps+mid-6", selection: selection("wrapper:svr"), kind: .svr),
      published: "with a network over 99 moments: R² .555 / .621; \(caoProtocol)"),
    Recipe("cao-forest", .cao, System(input: "egemaps+mid-6", kind: .forest)),
  ]

  private static let lyuProtocol = "r of single frames, split by frame (which leaks)"

  private static let lyu: [Recipe] = [
    Recipe("lyu-mlp", .lyu, System(input: "openl3", kind: .mlp)),
    Recipe("lyu-bilstm", .lyu, System(input: "openl3", kind: .bilstm)),
    Recipe(
      "lyu-transformer", .lyu, System(input: "openl3", kind: .transformer),
      published: "best of the three: r .878 / .909; \(lyuProtocol)"),
  ]

  private static let own: [Recipe] = [
    Recipe("both-boosting", .own, System(input: "librosa+egemaps", kind: .boosting)),
    Recipe("all-boosting", .own, System(input: "librosa+egemaps+compare260+mid", kind: .boosting)),
    Recipe("librosa-musicnn-boosting", .own, System(input: "librosa+musicnn", kind: .boosting)),
    Recipe("musicnn-ridge", .own, System(input: "musicnn", kind: .ridge)),
  ]

  // MARK: - Settings

  private static func selection(_ text: String) -> InputSelection { InputSelection(text)! }  // they are written here

  private static func boosting(_ trees: [TreeSettings]) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: .boosting)
    settings.trees = trees
    return settings
  }

  /// - Parameter shares: of the inputs that a node chooses among, of which the best is taken.
  private static func forests(_ shares: [Double]) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: .forest)
    settings.trees = shares.map { share in
      var trees = TreeSettings.forest
      trees.columnShare = share
      return trees
    }
    return settings
  }

  private static func supportVectors(_ candidates: [SupportVectorSettings]) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: .svm)
    settings.supportVectors = candidates
    return settings
  }

  /// - Parameter gateRatio: of squeeze-and-excitation; nil for none.
  private static func convolutions(
    _ head: ConvolutionHead, gateRatio: Int? = nil, epochs: Int = 50
  ) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: .cnn)
    settings.convolution = ConvolutionSettings(gateRatio: gateRatio, head: head)
    settings.epochs = epochs
    return settings
  }

  private static func perceptron(_ sizes: [Int], dropout: Double, epochs: Int, batch: Int) -> TrainingSettings {
    var settings = TrainingSettings.standard(for: .mlp)
    settings.hiddenSizes = sizes
    (settings.dropout, settings.epochs, settings.batchSize, settings.learningRate) = (dropout, epochs, batch, 1e-3)
    return settings
  }
}
