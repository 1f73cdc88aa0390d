import Affect
import Publishing
import Training

/// What `bench venue` says.
struct VenueReport {
  struct Result {
    let condition: String
    let scores: Scores
    /// Mean of what the model is off by.
    let bias: (valence: Double, arousal: Double)
    /// Mean confidence, and the share of values that met its target; nil for a model without.
    let confidence: (mean: Double, observed: Double)?

    init(condition: String, songs: [ScoredSong]) {
      self.condition = condition
      scores = Scores(songs)
      let pairs = songs.flatMap { zip($0.predictions, $0.labels) }
      let count = Double(pairs.count)
      bias = (
        pairs.reduce(0) { $0 + Double($1.0.valence - $1.1.valence) } / count,
        pairs.reduce(0) { $0 + Double($1.0.arousal - $1.1.arousal) } / count
      )
      confidence = Reliability(songs).map { reliability in
        let frames = reliability.bins.reduce(0) { $0 + $1.frameCount }
        let sum = reliability.bins.reduce(0.0) { $0 + $1.meanConfidence * Double($1.frameCount) }
        return (sum / Double(frames), reliability.baseRate)
      }
    }
  }

  private let results: [Result]

  init(_ results: [Result]) {
    self.results = results
  }

  var lines: [String] {
    let width = (results.map(\.condition.count) + ["mean of all".count]).max() ?? 0
    func row(_ name: String, _ fields: [String]) -> String {
      name.padded(to: width) + fields.map { "  " + $0.leftPadded(to: 8) }.joined()
    }
    var lines = [
      "\(results.first?.scores.songCount ?? 0) songs, valence and arousal, in simulated venues:", "",
      row("venue", ["r v", "r a", "CCC v", "CCC a", "RMSE v", "RMSE a", "bias v", "bias a", "conf.", "observed"]),
    ]
    for result in results {
      let (valence, arousal) = (result.scores.valence, result.scores.arousal)
      lines.append(
        row(
          result.condition,
          [valence.correlation, arousal.correlation, valence.concordance, arousal.concordance].map {
            NumberText.fixed($0, 3)
          } + [valence.rootMeanSquareError, arousal.rootMeanSquareError].map { NumberText.fixed($0, 3) }
            + [result.bias.valence, result.bias.arousal].map { ($0 > 0 ? "+" : "") + NumberText.fixed($0, 2) }
            + [result.confidence?.mean, result.confidence?.observed].map { NumberText.fixed($0, 2) }))
    }
    let means = [\Scores.valence, \Scores.arousal].map { dimension in
      results.reduce(0.0) { $0 + ($1.scores[keyPath: dimension].concordance ?? 0) } / Double(results.count)
    }
    lines.append(row("mean of all", ["", "", NumberText.fixed(means[0], 3), NumberText.fixed(means[1], 3)]))
    return lines
  }

  var jsonLines: [String] {
    results.map { result in
      var line = JSONLine()
      line.add("venue", result.condition)
      line.add("songs", result.scores.songCount)
      for (name, scores, bias) in [
        ("valence", result.scores.valence, result.bias.valence),
        ("arousal", result.scores.arousal, result.bias.arousal),
      ] {
        var part = JSONLine()
        if let value = scores.correlation { part.add("correlation", value) } else { part.addNull("correlation") }
        if let value = scores.concordance { part.add("concordance", value) } else { part.addNull("concordance") }
        part.add("root_mean_square_error", scores.rootMeanSquareError)
        part.add("bias", bias)
        line.add(name, part)
      }
      if let confidence = result.confidence {
        line.add("confidence", confidence.mean)
        line.add("observed", confidence.observed)
      }
      return line.object
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
