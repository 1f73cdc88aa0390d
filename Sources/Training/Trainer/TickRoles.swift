/// What each tick of each song is for.
struct TickRoles: Sendable {
  private let roles: [[Split.Role?]]

  /// - Parameter roles: for each song, for each of its ticks; nil for what is left out.
  init(_ roles: [[Split.Role?]]) {
    self.roles = roles
  }

  /// The roles of a split for the songs that it divides, and their copies. The songs after those are trained on, and never scored: but in a
  /// split by artist only if no song of their artist is kept from the training.
  ///
  /// - Parameters:
  ///   - trainsOnValidation: whether what would be validation is training.
  ///   - leavesOutUnknownArtists: whether songs behind the split that have no known artist are not trained on.
  init(
    _ split: Split, of set: TrainingSet, splitCount: Int, trainsOnValidation: Bool = false,
    leavesOutUnknownArtists: Bool = false
  ) {
    func role(_ song: Int, _ tick: Int) -> Split.Role {
      let role = split.role(song: song, frame: tick)
      return role == .validation && trainsOnValidation ? .training : role
    }
    let isByArtist = split.splitProtocol == .artist
    let kept = Set(
      set.songs.prefix(isByArtist ? splitCount : 0).enumerated().compactMap { song, content in
        role(song, 0) == .training ? nil : content.artist.flatMap(ArtistName.key)
      })
    roles = set.songs.enumerated().map { number, content in
      let song = content.original ?? number
      if song < splitCount { return content.times.indices.map { role(song, $0) } }
      let artist = content.artist.flatMap(ArtistName.key)
      let isOut = artist.map { kept.contains($0) } ?? leavesOutUnknownArtists
      return content.times.indices.map { _ in isOut ? nil : .training }
    }
  }

  /// The same without the copies of songs.
  func withoutCopies(of set: TrainingSet) -> TickRoles {
    TickRoles(zip(roles, set.songs).map { roles, song in song.original == nil ? roles : roles.map { _ in nil } })
  }

  /// The same without the songs of which the quadrant alone is known.
  func withoutQuadrants(of set: TrainingSet) -> TickRoles {
    TickRoles(zip(roles, set.songs).map { roles, song in song.isQuadrant ? roles.map { _ in nil } : roles })
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
