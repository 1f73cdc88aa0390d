internal import Glibc

/// The notes of the demo piece, written for this project.
enum DemoScore {
  static let sampleRate = 48_000
  /// Seconds.
  static let partDuration = 16.0
  static let parts = [calm, tense, sad, joyful]
  /// Frames.
  static let length = Int(Double(parts.count) * partDuration) * sampleRate

  /// All notes in the order of their beginning.
  static let notes: [DemoNote] = parts.enumerated()
    .flatMap { index, part in part().map { $0.moved(by: Double(index) * partDuration) } }
    .sorted { $0.start < $1.start }

  /// Slow soft chords in a major key and a few bell tones.
  private static func calm() -> [DemoNote] {
    var notes: [DemoNote] = []
    let chords = [[48, 55, 64, 67], [53, 60, 65, 69], [45, 52, 60, 64], [43, 50, 59, 62]]
    for (bar, chord) in chords.enumerated() {
      for pitch in chord {
        notes.append(DemoNote(.pad, pitch, at: Double(bar) * 4, for: 3.9, loudness: 0.05))
      }
      for (step, pitch) in [chord[2] + 12, chord[3] + 12, chord[1] + 24].enumerated() {
        notes.append(DemoNote(.bell, pitch, at: Double(bar) * 4 + 0.5 + Double(step) * 1.25, for: 2, loudness: 0.045))
      }
    }
    return notes
  }

  /// A driven ostinato of narrow intervals over fast drums.
  private static func tense() -> [DemoNote] {
    var notes: [DemoNote] = []
    let beat = 60.0 / 165
    for step in 0..<Int(partDuration / (beat / 4)) {
      let time = Double(step) * beat / 4
      let riff = [28, 28, 29, 28, 28, 34, 28, 33]
      notes.append(DemoNote(.drivenSaw, riff[step % 8] + 12, at: time, for: beat / 4 * 0.9, loudness: 0.22))
      if step % 2 == 0 { notes.append(DemoNote(.hat, 0, at: time, for: 0.08, loudness: 0.12)) }
      if step % 4 == 0 || step % 16 == 10 { notes.append(DemoNote(.kick, 36, at: time, for: 0.25, loudness: 0.6)) }
      if step % 8 == 4 { notes.append(DemoNote(.snare, 0, at: time, for: 0.2, loudness: 0.4)) }
      if step % 16 == 0 {
        for pitch in [52, 53, 58, 64] {
          notes.append(DemoNote(.drivenSaw, pitch, at: time, for: beat * 3.5, loudness: 0.09))
        }
      }
    }
    return notes
  }

  /// A slow lament in a minor key, a plucked string over a low pad.
  private static func sad() -> [DemoNote] {
    var notes: [DemoNote] = []
    let chords = [[45, 52, 60], [41, 48, 57], [38, 45, 53], [40, 47, 56]]
    let melody = [76, 74, 72, 71, 72, 69, 68, 69]
    for (bar, chord) in chords.enumerated() {
      for pitch in chord {
        notes.append(DemoNote(.pad, pitch, at: Double(bar) * 4, for: 4, loudness: 0.045))
      }
      for half in 0..<2 {
        notes.append(
          DemoNote(
            .string, melody[bar * 2 + half] - 12, at: Double(bar) * 4 + Double(half) * 2, for: 2.2, loudness: 0.1))
      }
    }
    return notes
  }

  /// A quick dance in a major key.
  private static func joyful() -> [DemoNote] {
    var notes: [DemoNote] = []
    let beat = 0.5 * 60 / 64  // 128 beats a minute
    let chords = [[60, 64, 67], [67, 71, 74], [69, 72, 76], [65, 69, 72]]
    let melody = [76, 79, 84, 79, 81, 79, 76, 74]
    for step in 0..<Int(partDuration / (beat / 2)) {
      let time = Double(step) * beat / 2
      let chord = chords[step / 8 % 4]
      if step % 2 == 0 { notes.append(DemoNote(.kick, 36, at: time, for: 0.25, loudness: 0.5)) }
      if step % 4 == 2 { notes.append(DemoNote(.snare, 0, at: time, for: 0.15, loudness: 0.25)) }
      notes.append(DemoNote(.hat, 0, at: time, for: 0.05, loudness: step % 2 == 1 ? 0.14 : 0.07))
      notes.append(DemoNote(.saw, chord[0] - 24, at: time, for: beat / 2 * 0.8, loudness: 0.2))
      if step % 2 == 1 {
        for pitch in chord { notes.append(DemoNote(.saw, pitch, at: time, for: beat * 0.4, loudness: 0.09)) }
      }
      notes.append(DemoNote(.bell, melody[step % 8], at: time, for: 0.5, loudness: 0.13))
    }
    return notes
  }
}
