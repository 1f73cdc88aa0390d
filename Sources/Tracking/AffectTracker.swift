public import Affect
internal import AudioInput
public import Embedding
public import EmotionModel
internal import Glibc
public import Platform
public import SignalProcessing

/// The whole pipeline from samples to published values, without any input or output of its own: the daemon drives it
/// from a device, `affectctl analyze` from a file.
///
/// The audio comes in one stream after another, each at a rate of its own and at its place in the audio time; between
/// two of them there is a gap.
public final class AffectTracker {
  /// Ticks that were left out because the network did not keep up with a live input.
  public private(set) var skippedTickCount = 0
  public var hop: Hop { settings.hop }
  public var state: TrackerState { states.state }
  /// The last tick that was handed over, 0 before the first.
  public private(set) var lastTick = 0

  /// dB that are added to the audio before the network hears it. The level that is published does not contain them.
  public var gain = 0.0 {
    didSet { calibrationChanged(gain != oldValue) }
  }

  /// What the colour of the audio is changed by before the network hears it; nil for nothing.
  public var filter: VenueFilter? {
    didSet {
      calibrationChanged(filter != oldValue)
    }
  }

  /// What was found over many pieces, and is added to the gain and the filter. Nil as long as there is nothing.
  public private(set) var adapted: Calibration?

  /// What the source says is the matter with the audio that comes.
  public var signalConditions: InputConditions = []
  /// All that is the matter with it.
  public var conditions: InputConditions { signalConditions.union(heardConditions) }

  /// What is heard to be the matter.
  private var heardConditions: InputConditions = []
  private var adaptation: VenueAdaptation?
  private var musicDetector: MusicDetector?
  private var humDetector: HumDetector?
  private let clock: any Clock
  private var settings: TrackerSettings
  private var embedder: any EmbeddingInput
  private var regressor: any EmotionRegressor
  private var stream: EmbeddingStream?
  private var inputRate: Int?
  private var filterInUse: VenueFilter?
  private var states: TrackerStateMachine
  private var follower: ValueFollower
  private var quadrants: QuadrantDetector
  private var trend = TrendMeter()
  private var musicShare: MusicShare
  private var lastEvaluatedTick: Int?
  /// Seconds of lost audio that no estimate has told of.
  private var untoldGap = 0.0

  /// - Precondition: `regressor` was loaded for `embedder`.
  ///
  /// - Parameter clock: what the inference is timed with.
  public init(
    embedder: any EmbeddingInput, regressor: any EmotionRegressor, settings: TrackerSettings,
    clock: any Clock = SystemClock()
  ) {
    self.clock = clock
    precondition(embedder.dimension == regressor.inputCount)
    self.embedder = embedder
    self.regressor = regressor
    self.settings = settings
    states = TrackerStateMachine(silence: settings.silence)
    follower = ValueFollower(smoothing: settings.smoothing, silence: settings.silence)
    quadrants = QuadrantDetector(deadBand: settings.deadBand)
    musicShare = MusicShare(window: embedder.longestWindow)
  }

  // MARK: - Audio

  /// Runs the networks once, so that the first tick is as fast as the others.
  public func warmUp() {
    _ = regressor.estimate(from: embedder.warmUp(), isMusic: false)
    regressor.restart()
    states.handle(.networksReady)
  }

  /// Begins a stream of audio. The values of the one before are held until a window of the new one is full.
  ///
  /// - Parameters:
  ///   - inputRate: Hz.
  ///   - origin: audio time of its first sample, seconds; not before the end of the stream before.
  ///   - gap: seconds of audio that were lost before it.
  public func begin(inputRate: Int, origin: Double = 0, gap: Double = 0) {
    stream = EmbeddingStream(
      embedder: embedder, hop: hop, inputRate: inputRate, origin: origin, clock: clock)
    self.inputRate = inputRate
    adaptation?.restart(rate: inputRate)
    follow(settings.following)
    useVenue()
    regressor.restart()
    musicShare.restart()
    humDetector = HumDetector(rate: inputRate)
    musicDetector = inputRate >= MusicDetector.leastRate ? MusicDetector(rate: inputRate) : nil
    states.handle(.sound(isMusic: true))
    states.handle(.tick(windowIsFull: false))
    untoldGap += gap
  }

  /// Says that so many seconds of audio were lost inside a stream, and are zeros in it.
  public func noteGap(_ seconds: Double) {
    regressor.restart()
    untoldGap += seconds
  }

  /// Takes `samples` and hands over an estimate for each tick that they complete.
  ///
  /// - Parameter isBehind: whether a whole hop of newer audio waits already. The network is spared then, and the
  ///   ticks are counted as skipped.
  /// - Precondition: a stream has begun.
  public func push(_ samples: Span<Float>, isBehind: Bool = false, onEstimate: (AffectEstimate) -> Void) {
    guard let stream else { preconditionFailure("no stream has begun") }
    musicDetector?.add(samples)
    humDetector?.add(samples)
    listen()
    adapt(samples)
    stream.push(samples, skipping: isBehind) { handle($0, stream, onEstimate) }
  }

  /// Says that the stream has ended, and hands over what is left.
  public func finish(onEstimate: (AffectEstimate) -> Void) {
    guard let stream else { return }
    stream.finish { handle($0, stream, onEstimate) }
  }

  /// When the network worked on the tick that is being handed over, seconds of the clock; nil if it did not.
  public var inferenceTimes: EmbeddingStream.InferenceTimes? { stream?.inferenceTimes }

  /// The estimate of the last tick at or before `audioTime` while no audio comes; nil if that was handed over already.
  public func idle(at audioTime: Double) -> AffectEstimate? {
    // Nothing is heard that anything could be the matter with.
    signalConditions = []
    heardConditions = []
    let tick = hop.tick(atOrBefore: audioTime)
    guard tick > lastTick else { return nil }
    return estimate(tick, level: -120, observation: ValueFollower.Observation())
  }

  /// Takes over what is heard beside the values.
  private func listen() {
    let sound = musicDetector?.sound ?? .music
    heardConditions = sound == .speech ? .speech : []
    if humDetector?.isHumming == true { heardConditions.insert(.hum) }
    states.handle(.sound(isMusic: sound == .music || !settings.silence.includesSpeech))
  }

  // MARK: - Venue

  /// What of the venue is followed over many pieces.
  public var following: VenueFollowing {
    get { settings.following }
    set {
      settings.following = newValue
      follow(newValue)
    }
  }

  private func follow(_ following: VenueFollowing) {
    guard following.kind != adaptation?.kind, let inputRate else { return }
    adaptation = following.kind.map { VenueAdaptation($0, rate: inputRate) }
    adapted = nil
    useVenue()
  }

  /// What was adapted to another calibration is worth nothing.
  private func calibrationChanged(_ hasChanged: Bool) {
    guard hasChanged else { return }
    regressor.forgetVenue()
    adaptation = nil
    adapted = nil
    follow(settings.following)
    useVenue()
  }

  private func adapt(_ samples: Span<Float>) {
    let isMusic = states.state == .tracking && !states.isHolding
    guard adaptation?.add(samples, isMusic: isMusic, gain: gain, filter: filter) == true,
      let (kind, decibels) = adaptation.map({ ($0.kind, $0.decibels) })
    else { return }
    // The networks' filters are made anew only for what can be heard.
    let last = adapted.map { adapted in decibels.indices.map { adapted.gain + (adapted.filter?.decibels[$0] ?? 0) } }
    let change = decibels.indices.map { abs(decibels[$0] - (last?[$0] ?? 0)) }.max() ?? 0
    guard change >= Self.audibleChange else { return }
    adapted = VenueAdaptation.calibration(of: decibels, kind)
    useVenue()
  }

  /// Has the networks hear level and colour as they are to be by now.
  private func useVenue() {
    var total = filter
    if let other = adapted?.filter {
      total = VenueFilter(limiting: other.decibels.indices.map { other.decibels[$0] + (filter?.decibels[$0] ?? 0) })
    }
    stream?.gain = Float(pow(10, (gain + (adapted?.gain ?? 0)) / 20))
    guard total != filterInUse else { return }
    filterInUse = total
    embedder.use(total)
    stream?.use(total)
  }

  /// dB.
  private static let audibleChange = 0.1

  // MARK: - State and settings

  /// Tells the state machine of `event`.
  public func note(_ event: TrackerStateMachine.Event) {
    states.handle(event)
  }

  public var smoothing: Smoothing {
    get { settings.smoothing }
    set {
      settings.smoothing = newValue
      follower.use(newValue)
    }
  }

  public var silence: SilenceSettings {
    get { settings.silence }
    set {
      settings.silence = newValue
      states.silenceSettings = newValue
      follower.silence = newValue
    }
  }

  public var deadBand: Float {
    get { settings.deadBand }
    set {
      settings.deadBand = newValue
      quadrants.deadBand = newValue
    }
  }

  /// Whether the values stand still, whatever the music does. They come back without a jump.
  public var isFrozen: Bool {
    get { follower.isFrozen }
    set { follower.isFrozen = newValue }
  }

  /// Forgets the values: there are none again until a whole window of music was heard.
  public func reset() {
    regressor.restart()
    follower.restart()
    trend.restart()
    quadrants = QuadrantDetector(deadBand: settings.deadBand)
    musicShare.restart()
  }

  // MARK: - Ticks

  private func handle(
    _ tick: EmbeddingStream.Tick, _ stream: EmbeddingStream, _ onEstimate: (AffectEstimate) -> Void
  ) {
    states.handle(.level(tick.level, seconds: hop.seconds))
    musicShare.add(seconds: hop.seconds, isQuiet: states.isHolding)
    // A tick that was told of while nothing came is not told of again.
    guard tick.number > lastTick else {
      regressor.skip()
      return
    }
    var prediction: EmotionPrediction?
    var observation = ValueFollower.Observation(
      isQuiet: states.isHolding, isSilent: states.state == .silent || states.state == .noMusic,
      musicShare: musicShare.value)
    switch tick.content {
    case .skipped:
      skippedTickCount += 1
      regressor.skip()
      return
    case .incomplete:
      states.handle(.tick(windowIsFull: false))
    case .embedding:
      let isMusic = !states.isHolding && musicShare.isWhole
      prediction = regressor.estimate(from: stream.embedding, isMusic: isMusic)
      observation.raw = prediction?.affect
      states.handle(.tick(windowIsFull: follower.value != nil || musicShare.isWhole))
    }
    onEstimate(estimate(tick.number, level: tick.level, observation: observation, confidence: prediction?.confidence))
  }

  private func estimate(
    _ tick: Int, level: Float, observation: ValueFollower.Observation, confidence: Float? = nil
  ) -> AffectEstimate {
    let interval = Double(tick - (lastEvaluatedTick ?? tick - 1)) * hop.seconds
    lastEvaluatedTick = tick
    lastTick = tick
    let (value, isFollowing) = follower.next(observation, interval: interval)
    let audioTime = hop.time(ofTick: tick)
    let values = value.map { value in
      AffectEstimate.Values(
        smoothed: value, raw: isFollowing ? observation.raw : nil, trend: trend.add(value, at: audioTime),
        quadrant: quadrants.quadrant(of: value), confidence: isFollowing ? confidence : nil)
    }
    defer { untoldGap = 0 }
    return AffectEstimate(
      tick: tick, audioTime: audioTime, values: values, level: level, state: state, gap: untoldGap,
      isFrozen: isFrozen, conditions: conditions)
  }
}

/// What decides how the tracker follows the music.
public struct TrackerSettings: Sendable, Equatable {
  public let hop: Hop
  public var smoothing: Smoothing
  public var silence: SilenceSettings
  /// Half the width of the band around zero in which a value does not change its quadrant.
  public var deadBand: Float
  /// What of the venue is followed over many pieces.
  public var following: VenueFollowing

  public init(
    hop: Hop, smoothing: Smoothing = .standard, silence: SilenceSettings = SilenceSettings(), deadBand: Float = 0.05,
    following: VenueFollowing = .off
  ) {
    self.hop = hop
    self.smoothing = smoothing
    self.silence = silence
    self.deadBand = deadBand
    self.following = following
  }
}
