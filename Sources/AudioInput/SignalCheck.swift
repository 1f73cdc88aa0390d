internal import Affect

/// Looks at a stream for what the channels and the samples themselves tell: see ``InputConditions``. It does not allocate
/// once it is made.
struct SignalCheck {
  private(set) var conditions: InputConditions = []

  /// Frames of the stretch that is judged at once: a second.
  private let stretch: Int
  private var frames = 0
  private var channels: [Channel]
  /// Sum of squares of the mix over the stretch.
  private var mixPower: Float = 0
  /// Frames since the last absurd sample.
  private var soundFrames = 0
  /// Of the present 10 ms: frames, and absurd samples.
  private var (windowFrames, windowAbsurd) = (0, 0)
  /// Stretches in a row in which a channel was dead, and that were without clipping.
  private var deadStretches = 0
  private var cleanStretches = 0

  /// What a stretch knows of a channel.
  private struct Channel {
    /// Sum of squares.
    var power: Float = 0
    /// The last sample, and how many in a row were at full scale and the same.
    var last: Float = 0
    var run = 0
    /// Samples in such runs.
    var clipped = 0
  }

  /// Power of a channel, per frame, below which nothing is said: -60 dBFS.
  static let leastPower: Float = 1e-6
  /// Share of the channels' power that is left where they cancel: -30 dB.
  static let cancelledShare: Float = 1e-3
  /// Share of the samples of 10 ms that must be absurd to make the stream so: fewer are clicks.
  static let absurdShare = 0.1
  /// Amplitudes that count as full scale. Floats may go beyond it and are not cut off.
  static let fullScale: ClosedRange<Float> = 0.985...1.001
  /// Samples in a row at full scale that are no peak of music any more.
  static let flatTop = 3
  /// Share of the samples in flat tops that makes a stretch a clipped one.
  static let clippedShare = 0.005
  /// Power of a channel beside the loudest one below which it is dead, and above which it is alive again: -50 and -40 dB.
  static let deadShare: Float = 1e-5
  static let livingShare: Float = 1e-4
  /// Stretches in a row after which a channel is dead, or the clipping over: a pause of one instrument is no fault.
  static let patience = 5

  /// - Parameter channels: how many are looked at: one, if one was chosen.
  init(sampleRate: Int, channels: Int) {
    stretch = sampleRate
    self.channels = Array(repeating: Channel(), count: channels)
  }

  /// Takes in a sample of a channel.
  @inline(__always) mutating func add(_ sample: Float, channel: Int) {
    channels[channel].power += sample * sample
    let isSame = sample == channels[channel].last
    channels[channel].last = sample
    guard Self.fullScale.contains(abs(sample)) else {
      channels[channel].run = 0
      return
    }
    // A converter that is overdriven gives the same number again and again; the top of a loud sine is rounder.
    channels[channel].run = isSame ? channels[channel].run + 1 : 1
    let run = channels[channel].run
    if run >= Self.flatTop { channels[channel].clipped += run == Self.flatTop ? run : 1 }
  }

  /// Ends a block whose samples were added.
  ///
  /// - Parameters:
  ///   - mixPower: sum of squares of the mix over the block.
  ///   - absurd: how many of the `samples` lie beyond any full scale.
  mutating func endBlock(frames count: Int, mixPower: Float, absurd: Int, samples: Int) {
    guard count > 0 else { return }
    // Over 10 ms, however short the blocks are.
    let window = max(1, stretch / 100)
    windowFrames += count
    windowAbsurd += absurd
    let isAbsurd = Double(windowAbsurd) > Self.absurdShare * Double(samples / count * max(window, count))
    if windowFrames >= window { (windowFrames, windowAbsurd) = (0, 0) }
    if isAbsurd {
      conditions = .outOfRange
      soundFrames = 0
      restart()
    } else if conditions.contains(.outOfRange) {
      soundFrames = absurd > 0 ? 0 : soundFrames + count
      // A second without an absurd sample: something else plays now.
      if soundFrames >= stretch { conditions = [] }
      restart()
    } else {
      frames += count
      self.mixPower += mixPower
      if frames >= stretch { judge() }
    }
  }

  private mutating func judge() {
    let (first, count) = (Float(frames), Float(channels.count))
    var (sum, loudest, faintest): (Float, Float, Float) = (0, 0, .infinity)
    var clipped = 0
    for channel in channels {
      sum += channel.power
      loudest = max(loudest, channel.power)
      faintest = min(faintest, channel.power)
      clipped = max(clipped, channel.clipped)
    }
    if Double(clipped) > Self.clippedShare * Double(frames) {
      conditions.insert(.clipping)
      cleanStretches = 0
    } else {
      cleanStretches += 1
      if cleanStretches >= Self.patience { conditions.remove(.clipping) }
    }
    // A pause says nothing of the channels.
    if sum / count > Self.leastPower * first {
      set(.channelsCancel, mixPower < Self.cancelledShare * sum / count)
    }
    if loudest > Self.leastPower * first {
      deadStretches = faintest < Self.deadShare * loudest ? deadStretches + 1 : 0
      if deadStretches >= Self.patience {
        conditions.insert(.deadChannel)
      } else if faintest > Self.livingShare * loudest {
        conditions.remove(.deadChannel)
      }
    }
    restart()
  }

  private mutating func set(_ condition: InputConditions, _ isOn: Bool) {
    if isOn { conditions.insert(condition) } else { conditions.remove(condition) }
  }

  private mutating func restart() {
    (frames, mixPower) = (0, 0)
    for index in channels.indices {
      channels[index].power = 0
      channels[index].clipped = 0
    }
  }
}
