import Affect
import Foundation
import Platform
import Testing
import Training

@Suite struct QuadrantScoresTests {
  private func scores(_ songs: [ScoredQuadrant], seed: UInt64 = 1) -> QuadrantScores {
    var generator = SeededGenerator(seed: seed)
    return QuadrantScores(songs, using: &generator)
  }

  /// Songs whose values lie about their quadrant's corner.
  private func randomSongs(_ count: Int, seed: UInt64) -> [ScoredQuadrant] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { index in
      let label = Quadrant(
        isPositive: Bool.random(using: &generator), isExcited: Bool.random(using: &generator))
      func value(_ sign: Float) -> Float { sign * 0.2 + Float(generator.uniform() - 0.5) }
      return ScoredQuadrant(
        identifier: "\(index)", label: label,
        affect: Affect(valence: value(label.signs.valence), arousal: value(label.signs.arousal)))
    }
  }

  @Test func theSignsOfTheValuesAreThePrediction() {
    let song = ScoredQuadrant(identifier: "a", label: .one, affect: Affect(valence: -0.1, arousal: 0))
    #expect(song.prediction == .two)
    let scores = scores([song, ScoredQuadrant(identifier: "b", label: .four, prediction: .four)])
    #expect(scores.confusion == QuadrantConfusion(labels: [.one, .four], predictions: [.two, .four]))
    #expect(scores.songCount == 2)
    // One song has no values.
    #expect(scores.valenceAUC == nil && scores.arousalAUC == nil)
  }

  /// The value is that of scikit-learn 1.9.1's roc_auc_score.
  @Test func theAreaUnderTheCurveIsThatOfScikitLearn() {
    let labels = [true, false, true, true, false, false, true, false]
    let values: [Float] = [0.5, 0.25, 0.25, 0.75, -0.5, 0.5, -0.25, -0.75]
    let ofValence = zip(labels, values).map { isHigh, value in
      ScoredQuadrant(
        identifier: "", label: Quadrant(isPositive: isHigh, isExcited: true), affect: Affect(valence: value, arousal: 0)
      )
    }
    #expect(scores(ofValence).valenceAUC == 0.75 && scores(ofValence).arousalAUC == nil)
    let ofArousal = zip(labels, values).map { isHigh, value in
      ScoredQuadrant(
        identifier: "", label: Quadrant(isPositive: false, isExcited: isHigh),
        affect: Affect(valence: 0, arousal: value))
    }
    #expect(scores(ofArousal).arousalAUC == 0.75 && scores(ofArousal).valenceAUC == nil)
  }

  @Test func theAreaIsTheShareOfPairsInOrder() throws {
    let songs = randomSongs(60, seed: 2)
    let values = songs.compactMap { song in song.affect.map { ($0.valence, song.label.signs.valence > 0) } }
    var (right, all) = (0.0, 0.0)
    for (high, isPositive) in values where isPositive {
      for (low, isPositive) in values where !isPositive {
        right += high > low ? 1 : high == low ? 0.5 : 0
        all += 1
      }
    }
    let area = try #require(scores(songs).valenceAUC)
    #expect(abs(area - right / all) < 1e-12 && (0.6..<1).contains(area))
  }

  @Test func intervalsHoldTheScoresAndShrinkWithTheSongs() throws {
    func width(_ interval: Interval?) throws -> Double {
      let interval = try #require(interval)
      return interval.upper - interval.lower
    }
    let (few, many) = (scores(randomSongs(50, seed: 3)), scores(randomSongs(800, seed: 3)))
    for scores in [few, many] {
      let (accuracy, macroF1) = (try #require(scores.accuracyInterval), try #require(scores.macroF1Interval))
      #expect(accuracy.lower < scores.confusion.accuracy && scores.confusion.accuracy < accuracy.upper)
      #expect(macroF1.lower < scores.confusion.macroF1 && scores.confusion.macroF1 < macroF1.upper)
    }
    #expect(abs(try width(few.accuracyInterval) / width(many.accuracyInterval) - 4) < 1)
    #expect(abs(try width(few.macroF1Interval) / width(many.macroF1Interval) - 4) < 1)
    // √(p q / n) · 2 · 1.96 of a share p.
    let share = many.confusion.accuracy
    #expect(abs(try width(many.accuracyInterval) / (3.92 * (share * (1 - share) / 800).squareRoot()) - 1) < 0.15)
  }

  @Test func theSeedDeterminesTheIntervals() {
    let songs = randomSongs(30, seed: 4)
    #expect(scores(songs) == scores(songs))
    #expect(scores(songs) != scores(songs, seed: 2))
    let alone = scores([songs[0]])
    #expect(alone.accuracyInterval == nil && alone.macroF1Interval == nil)
  }

  @Test func theTableHasALineForEachModel() {
    let songs = [
      ScoredQuadrant(identifier: "a", label: .one, affect: Affect(valence: 0.5, arousal: 0.5)),
      ScoredQuadrant(identifier: "b", label: .three, affect: Affect(valence: -0.5, arousal: -0.5)),
    ]
    let lines = QuadrantScores.lines([("mlp", scores(songs)), ("one song", scores([songs[0]]))])
    #expect(
      lines == [
        "model                 macro-F1  weighted F1              accuracy  AUC valence  AUC arousal",
        "mlp       1.000 [1.000, 1.000]        1.000  1.000 [1.000, 1.000]        1.000        1.000",
        "one song                 1.000        1.000                 1.000            –            –",
      ])
  }

  @Test func theReportHoldsEveryScore() throws {
    struct Report: Decodable {
      let model: String
      let songs: Int
      let macroF1: Double
      let weightedF1: Double
      let accuracy: Double
      let valenceAuc: Double?
      let arousalAuc: Double?
      let confusion: [[Int]]
      let intervals: [String: [Double]?]
    }
    let scores = scores(randomSongs(40, seed: 5))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let report = try decoder.decode(
      Report.self, from: JSONEncoder().encode(QuadrantScoresReport(model: "mlp", scores: scores)))
    #expect(report.model == "mlp" && report.songs == 40 && report.confusion == scores.confusion.counts)
    #expect(report.macroF1 == scores.confusion.macroF1 && report.weightedF1 == scores.confusion.weightedF1)
    #expect(report.accuracy == scores.confusion.accuracy)
    #expect(report.valenceAuc == scores.valenceAUC && report.arousalAuc == scores.arousalAUC)
    let intervals = [("macro_f1", scores.macroF1Interval), ("accuracy", scores.accuracyInterval)]
    for (key, interval) in intervals {
      let interval = try #require(interval)
      #expect(report.intervals[key] == [interval.lower, interval.upper])
    }
  }
}
