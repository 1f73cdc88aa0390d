import Affect
import CommandLineSupport
import Platform
import Training

/// What a system learns from, for other programs: a row for each labelled moment of each song that is scored, with the fold
/// that leaves the song out, and whether the moment is one of those that a training takes.
struct SampleTable {
  private let material: TrainingMaterial
  private let system: System
  private let names: [String]
  /// The fold of each song in each division: `[divisions][song: fold]`.
  private let folds: [[String: Int]]

  init(_ material: TrainingMaterial, system: System, folds: [CrossValidation.Fold], names: [String]) {
    self.material = material
    self.system = system
    self.names = names
    var divisions: [[String: Int]] = []
    for fold in folds {
      while divisions.count <= fold.division { divisions.append([:]) }
      for song in fold.songs.map(\.identifier) + fold.quadrants.map(\.identifier) {
        divisions[fold.division][song] = fold.number
      }
    }
    self.folds = divisions
  }

  func write(to output: OutputFile) throws {
    let labels = system.target == .quadrant ? ["repeat", "quadrant"] : ["valence", "arousal"]
    try output.writeLine((["song", "fold", "learned"] + labels + names.map(CSVField.quoted)).joined(separator: ","))
    let set = material.set
    for (division, folds) in folds.enumerated() where division == 0 || system.target == .quadrant {
      for (number, song) in material.splitSongs.enumerated() {
        guard let fold = folds[song.identifier] else { continue }
        let learned = material.learnedTicks(ofSong: number, perSong: system.settings.unitsPerSong)
        for (tick, label) in song.labels.enumerated() {
          guard let label else { continue }
          let own =
            system.target == .quadrant
            ? ["\(division + 1)", "\(Quadrant(of: label).rawValue)"] : ["\(label.valence)", "\(label.arousal)"]
          let values = set.inputs[number][tick * set.width..<(tick + 1) * set.width].map { "\($0)" }
          let start = [CSVField.quoted(song.identifier), "\(fold + 1)", learned.contains(tick) ? "1" : "0"]
          try output.writeLine((start + own + values).joined(separator: ","))
        }
      }
    }
    try output.finish()
  }
}
