/// A model that needs the whole piece: one network, or an ensemble of them.
struct OfflineRegressor: SequenceRegressor {
  let card: ModelCard
  let inputCount: Int

  private let members: [Member]
  private let calibration: ConfidenceCalibration?

  /// One network with its input and output layers.
  struct Member {
    /// Where its values begin in the embedding.
    let start: Int
    /// Values at the end of the embedding that it reads, too.
    let tailCount: Int
    let reading: ModelInput
    let network: any OfflineNetwork
    let head: OutputHead

    func outputs(of sequence: [[Float]]) -> [MemberOutput] {
      let inputs = sequence.map { embedding in
        var read = [Float](repeating: 0, count: reading.readCount)
        var input = [Float](repeating: 0, count: reading.count)
        reading.apply(to: embedding, from: start, tailCount: tailCount, read: &read, into: &input)
        return input
      }
      var head = head
      return network.features(of: inputs).map { head.apply(to: $0) }
    }
  }

  init(card: ModelCard, inputCount: Int, members: [Member], calibration: ConfidenceCalibration?) {
    precondition(!members.isEmpty)
    self.card = card
    self.inputCount = inputCount
    self.members = members
    self.calibration = calibration
  }

  func estimate(sequence: [[Float]]) -> [EmotionPrediction] {
    precondition(sequence.allSatisfy { $0.count == inputCount })
    var mixtures = sequence.map { _ in EnsembleMixture() }
    for member in members {
      for (step, output) in member.outputs(of: sequence).enumerated() { mixtures[step].add(output) }
    }
    return mixtures.map { $0.prediction(calibration) }
  }
}

/// A network that needs a whole sequence.
protocol OfflineNetwork {
  var featureCount: Int { get }

  /// From normalised embeddings to as many features `[featureCount]`, which the output layer reads.
  func features(of sequence: [[Float]]) -> [[Float]]
}
