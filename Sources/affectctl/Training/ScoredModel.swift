import Affect
import CommandLineSupport
import Platform
import Training

/// What a model says about the songs of a data set.
struct ScoredModel {
  let name: String
  /// Whether the model tells quadrants apart, so that its confidence is not about the values.
  let tellsQuadrants: Bool
  /// Songs with labels over time, scored at each label.
  var songs: [ScoredSong] = []
  /// The same before the smoothing.
  var unsmoothedSongs: [ScoredSong] = []
  /// Songs with one label alone, scored by the mean of the values.
  var staticSongs: [ScoredSong] = []
  /// Songs of which the quadrant alone is known, scored by the signs of the mean of the values.
  var quadrantSongs: [ScoredQuadrant] = []
  var notes: [DataSetNote] = []

  /// Lets the model hear `songs`, on all cores.
  ///
  /// - Parameters:
  ///   - change: what happens to the samples of song `index` before they are heard, at a rate in Hz; nil for nothing.
  ///   - progress: called when a song is done, from any thread.
  init(
    _ settings: PipelineSettings, songs: [LabelledSong], labelShift: Double,
    change: (@Sendable (_ index: Int, _ samples: [Float], _ rate: Int) -> [Float])? = nil,
    progress: @escaping @Sendable () -> Void
  ) async throws {
    let model = try ModelScorer(settings)
    name = model.modelName
    tellsQuadrants = model.tellsQuadrants
    // How sure it is of a quadrant says nothing of how near the values are.
    let hasConfidence = !model.tellsQuadrants
    let results = try await ParallelWork.map(
      count: songs.count, workers: Machine.coreCount, prepare: { try ModelScorer(settings) },
      body: { scorer, index in
        defer { progress() }
        return SongResult(songs[index], labelShift: labelShift, hasConfidence: hasConfidence) {
          try scorer.values(of: $0, change: change.map { change in { change(index, $0, $1) } })
        }
      })
    for result in results {
      notes += result.notes
      if let published = result.published, let raw = result.raw {
        self.songs.append(published)
        unsmoothedSongs.append(raw)
      } else if let whole = result.whole {
        staticSongs.append(whole)
      } else if let quadrant = result.quadrant {
        quadrantSongs.append(quadrant)
      }
    }
  }

  private struct SongResult: Sendable {
    var published: ScoredSong?
    var raw: ScoredSong?
    var whole: ScoredSong?
    var quadrant: ScoredQuadrant?
    var notes: [DataSetNote] = []

    init(
      _ song: LabelledSong, labelShift: Double, hasConfidence: Bool,
      values hear: (_ path: String) throws -> (values: [ModelScorer.Value], duration: Double)
    ) {
      func note(_ message: String) { notes.append(DataSetNote(song: song.identifier, message: message)) }
      let values: [ModelScorer.Value]
      let checked: LabelledSong
      do {
        let heard = try hear(song.audioPath)
        values = heard.values
        let (inside, dropped) = song.checked(audioSeconds: heard.duration)
        checked = inside
        notes += dropped
      } catch {
        note("is not scored: \(error)")
        return
      }
      guard !values.isEmpty else {
        note("is not scored: its audio is silent or shorter than a window")
        return
      }
      let labels = TrainingSong.labels(of: checked, at: values.map(\.audioTime), shift: labelShift)
      let pairs = zip(values, labels).compactMap { value, label in label.map { (value: value, label: $0) } }
      if !pairs.isEmpty {
        let confidences = hasConfidence ? pairs.compactMap(\.value.confidence) : []
        func scored(_ choose: (ModelScorer.Value) -> Affect) -> ScoredSong {
          ScoredSong(
            identifier: song.identifier, labels: pairs.map(\.label), predictions: pairs.map { choose($0.value) },
            confidences: confidences.count == pairs.count ? confidences : nil)
        }
        published = scored(\.published)
        raw = scored(\.raw)
      } else if song.dynamicLabels.isEmpty, let label = song.staticLabel {
        let confidences = hasConfidence ? values.compactMap(\.confidence) : []
        whole = ScoredSong(
          identifier: song.identifier, labels: [label], predictions: [Affect(meanOf: values.map(\.published))],
          confidences: confidences.isEmpty ? nil : [confidences.reduce(0, +) / Float(confidences.count)])
      } else if song.dynamicLabels.isEmpty, let label = song.quadrant {
        quadrant = ScoredQuadrant(
          identifier: song.identifier, label: label, affect: Affect(meanOf: values.map(\.published)))
      } else {
        note("is not scored: it has no label where it has a value")
      }
    }
  }
}
