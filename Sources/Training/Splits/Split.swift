/// Which songs, or frames of songs, a model is trained on, chosen by and judged on. The same seed gives the same split.
public struct Split: Sendable, Equatable {
  public enum Role: Sendable, CaseIterable {
    case training
    /// For the choice of settings and the moment to stop.
    case validation
    /// For the scores, and nothing before.
    case test
  }

  public let splitProtocol: SplitProtocol

  /// For each song the roles of its frames, or a single role of all of them.
  private let roles: [[Role]]

  /// What is wrong with scores from this split; nil if nothing is.
  public var warning: String? { splitProtocol.warning }

  /// - Parameter songRoles: of all frames of each song.
  init(_ splitProtocol: SplitProtocol, songRoles: [Role]) {
    self.splitProtocol = splitProtocol
    roles = songRoles.map { [$0] }
  }

  /// - Parameter frameRoles: of each frame of each song.
  init(_ splitProtocol: SplitProtocol, frameRoles: [[Role]]) {
    self.splitProtocol = splitProtocol
    roles = frameRoles
  }

  /// The part that a frame of a song is in.
  public func role(song: Int, frame: Int) -> Role {
    splitProtocol == .frame ? roles[song][frame] : roles[song][0]
  }

  /// The songs in a part, ascending. In a split by frame they are those with at least one frame there.
  public func songs(_ role: Role) -> [Int] {
    roles.indices.filter { roles[$0].contains(role) }
  }
}
