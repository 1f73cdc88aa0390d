internal import Affect

/// A model that can follow a stream: one network, or an ensemble of them.
///
/// A network that looks at several steps was trained at one distance of the steps. Where the ticks are closer, it follows
/// several sequences, as if each tick of a step belonged to a listener of its own: sequence i has the ticks i, i + n,
/// i + 2 n and so on, and what it gives for them is what it gives for that sequence alone.
struct LiveRegressor: EmotionRegressor, SequenceRegressor {
  let card: ModelCard
  let inputCount: Int

  private var members: [Member]
  private let calibration: ConfidenceCalibration?
  private let gate: ChangeGate?
  private let venue: VenueGate?
  /// What was heard of the venue, as long as there is a gate for it.
  private var distance: VenueGate.Distance?
  /// Seconds between two ticks.
  private let interval: Double
  private let sequenceCount: Int
  /// The sequence that the next tick belongs to.
  private var next = 0

  /// One network with its input and output layers.
  struct Member {
    /// Where its values begin in the embedding.
    let start: Int
    /// Values at the end of the embedding that it reads, too.
    let tailCount: Int
    let reading: ModelInput
    var network: any LiveNetwork
    var head: OutputHead
    private var states: [LiveState] = []
    private var read: [Float]
    private var input: [Float]
    private var features: [Float]

    init(
      start: Int, tailCount: Int, reading: ModelInput, network: any LiveNetwork, head: OutputHead
    ) {
      self.start = start
      self.tailCount = tailCount
      self.reading = reading
      self.network = network
      self.head = head
      read = Array(repeating: 0, count: reading.readCount)
      input = Array(repeating: 0, count: reading.count)
      features = Array(repeating: 0, count: network.featureCount)
    }

    mutating func follow(sequences: Int) {
      states = (0..<sequences).map { _ in LiveState(lengths: network.stateLengths) }
    }

    mutating func restart() {
      for index in states.indices { states[index].restart() }
    }

    /// - Parameter offset: what comes before the values in the member's part of the embedding.
    mutating func estimate(from embedding: [Float], offset: Int = 0, sequence: Int) -> MemberOutput {
      reading.apply(to: embedding, from: start + offset, tailCount: tailCount, read: &read, into: &input)
      network.advance(input, &states[sequence], into: &features)
      return head.apply(to: features)
    }
  }

  /// Numbers that a model may remember, all sequences together: 256 MB of them.
  static let stateLimit = 1 << 26

  /// - Parameters:
  ///   - members: at least one.
  ///   - gate: for members that read two embeddings, the second of the newest part of the window. They are no sequence
  ///     models.
  ///   - venue: for members of which the last have heard venues.
  ///   - interval: seconds between two ticks.
  ///   - sequenceCount: sequences that are followed at once, at least one.
  init(
    card: ModelCard, inputCount: Int, members: [Member], calibration: ConfidenceCalibration?,
    gate: ChangeGate? = nil, venue: VenueGate? = nil, interval: Double, sequenceCount: Int
  ) {
    precondition(!members.isEmpty && sequenceCount > 0)
    precondition(venue.map { $0.memberCount < members.count } ?? true)
    self.card = card
    self.inputCount = inputCount
    self.members = members
    self.calibration = calibration
    self.gate = gate
    self.venue = venue
    distance = venue?.unheard
    self.interval = interval
    self.sequenceCount = sequenceCount
    for index in members.indices { self.members[index].follow(sequences: sequenceCount) }
  }

  mutating func restart() {
    next = 0
    for index in members.indices { members[index].restart() }
  }

  mutating func skip() {
    next = (next + 1) % sequenceCount
  }

  mutating func forgetVenue() {
    distance = venue?.unheard
  }

  mutating func estimate(from embedding: [Float], isMusic: Bool) -> EmotionPrediction {
    precondition(embedding.count == inputCount)
    defer { next = (next + 1) % sequenceCount }
    let whole = mixture(of: embedding, isMusic: isMusic)
    guard let gate else { return whole.prediction(calibration) }
    let recent = mixture(of: embedding, isRecent: true, isMusic: false)
    return gate.blend(whole: whole, recent: recent).prediction(calibration)
  }

  /// What the members say together.
  ///
  /// - Parameters:
  ///   - isRecent: of the newest part of the window.
  ///   - isMusic: whether it tells something of the venue.
  private mutating func mixture(of embedding: [Float], isRecent: Bool = false, isMusic: Bool) -> Mixture {
    let venueStart = members.count - (venue?.memberCount ?? 0)
    var recorded = EnsembleMixture()
    var others = EnsembleMixture()
    for index in members.indices {
      let offset = isRecent ? members[index].reading.readCount - members[index].tailCount : 0
      let output = members[index].estimate(from: embedding, offset: offset, sequence: next)
      if index < venueStart { recorded.add(output) } else { others.add(output) }
    }
    guard let venue, var heard = distance else { return recorded.mixture }
    let (own, other) = (recorded.mixture, others.mixture)
    if isMusic {
      heard.hear(recorded: own, venue: other, seconds: interval)
      distance = heard
    }
    return venue.blend(recorded: own, venue: other, distance: heard)
  }

  func estimate(sequence: [[Float]]) -> [EmotionPrediction] {
    var alone = LiveRegressor(
      card: card, inputCount: inputCount, members: members, calibration: calibration, gate: gate, venue: venue,
      interval: card.step ?? Hop.standard.seconds, sequenceCount: 1)
    return sequence.map { alone.estimate(from: $0) }
  }
}
