internal import Affect
internal import NIOCore

/// What makes packets of values for lamps.
protocol LampProtocol {
  /// What the lamps show; the same values give the same.
  func frame(_ values: UnitValues, _ palette: MoodPalette) -> [UInt8]

  /// The packets that carry a frame, in their order.
  mutating func packets(_ frame: [UInt8]) -> [[UInt8]]

  /// What tells the receiver that nothing follows `frame`.
  mutating func lastPackets(_ frame: [UInt8]) -> [[UInt8]]
}

/// Sends frames over UDP as lamps want them: many a second while the values move, led from tick to tick, and a sign of life
/// while they stand, for as long as affectd runs. Before there are values nothing is sent, so that a desk's own look stays.
///
/// Everything here runs on the event loop.
final class LampSender<Coder: LampProtocol> {
  let packets: PacketSender
  private(set) var coder: Coder
  private let rate: Double
  private let loop: any EventLoop
  private var fader: LossFader
  private var ramp: ValueRamp?
  private var palette = MoodPalette.standard
  private var pacer = FramePacer()
  private var next: (task: Scheduled<Void>, deadline: NIODeadline)?
  private var isClosed = false

  /// - Parameters:
  ///   - rate: frames per second at most.
  ///   - old: whose values are gone on from. If it sends to the same place, its receivers notice nothing.
  init(
    _ coder: Coder, _ packets: PacketSender, rate: Double, onLoss: LossPolicy, replacing old: LampSender?,
    _ surroundings: OutputSurroundings
  ) {
    self.coder = coder
    self.packets = packets
    self.rate = rate
    loop = surroundings.loop
    fader = LossFader(onLoss, replacing: old?.fader, inputIsMissing: surroundings.inputIsMissing)
    guard let old else { return }
    (ramp, palette) = (old.ramp, old.palette)
    if ramp != nil { schedule(loop.now) }
  }

  func send(_ tick: PublishedTick) {
    palette = tick.palette
    guard let affect = fader.apply(tick.estimate) else { return }
    let now = loop.now.seconds
    let values = UnitValues(tick.estimate, affect: affect, after: ramp?.goal)
    // Nothing follows the last tick.
    if ramp == nil {
      ramp = ValueRamp(values, now: now)
    } else {
      ramp?.lead(to: values, now: now, atOnce: tick.estimate.state == .stopping)
    }
    // A frame that was planned sooner comes first.
    schedule(next.map { min($0.deadline, loop.now + period) } ?? loop.now)
  }

  /// - Parameter isReplaced: whether another one goes on with the same lamps.
  func close(isReplaced: Bool) {
    isClosed = true
    next?.task.cancel()
    next = nil
    guard !isReplaced, let ramp else { return }
    for packet in coder.lastPackets(coder.frame(ramp.goal, palette)) { packets.send(packet) }
  }

  private var period: TimeAmount { .nanoseconds(Int64(1e9 / rate)) }

  private func schedule(_ deadline: NIODeadline) {
    guard !isClosed else { return }
    next?.task.cancel()
    next = (loop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.step() }, deadline)
  }

  private func step() {
    guard let ramp, let planned = next?.deadline else { return }
    let now = loop.now.seconds
    let frame = coder.frame(ramp.values(now: now), palette)
    if pacer.isDue(frame, now: now) {
      for packet in coder.packets(frame) { packets.send(packet) }
    }
    if ramp.isMoving(now: now) || !pacer.isResting {
      // By the plan, so that the frames stay even; a loop that was held up catches up on none.
      schedule(max(planned + period, loop.now))
    } else {
      schedule(loop.now + .nanoseconds(Int64(max(0, pacer.nextSign - now) * 1e9)))
    }
  }
}
