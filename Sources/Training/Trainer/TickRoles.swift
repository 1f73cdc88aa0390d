/// What each tick of each song is for.
struct TickRoles: Sendable {
  private let roles: [[Split.Role?]]

  /// - Parameter roles: for each song, for each of its ticks; nil for what is left out.
  init(_ roles: [[Split.Role?]]) {
    self.roles = roles
  }

  /// The roles of a split for the songs that it divides; all songs after those are trained on.
  init(_ split: Split, of set: TrainingSet, splitCount: Int) {
    roles = set.songs.enumerated().map { song, content in
      content.times.indices.map { song < splitCount ? split.role(song: song, frame: $0) : .training }
    }
  }

  /// With validation turned to training.
  var withoutValidation: TickRoles {
    TickRoles(roles.map { $0.map { $0 == .validation ? .training : $0 } })
  }

  subscript(song: Int, tick: Int) -> Split.Role? { roles[song][tick] }

  /// The roles of those ticks of each song that are chosen.
  func taking(_ ticks: [[Int]]) -> TickRoles {
    TickRoles(zip(roles, ticks).map { roles, ticks in ticks.map { roles[$0] } })
  }

  /// The ticks with a label in `role`.
  func labelledTicks(of set: TrainingSet, in role: Split.Role) -> [TickIndex] {
    set.songs.indices.flatMap { song in
      set.songs[song].labels.indices
        .filter { roles[song][$0] == role && set.songs[song].labels[$0] != nil }
        .map { TickIndex(song: song, tick: $0) }
    }
  }
}
