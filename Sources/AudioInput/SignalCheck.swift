/// What can be wrong with audio that arrives as it should.
public enum SignalFault: UInt8, Sendable, CustomStringConvertible {
  case none
  /// Two channels are each other's opposite, as when a balanced line is on a stereo jack: their mean is silence.
  case channelsCancel
  /// Samples lie far beyond full scale, as when 16-bit numbers come as floats. They count as silence.
  case outOfRange

  /// A sentence that says what to do.
  public var description: String {
    switch self {
    case .none: "nothing is wrong with the audio"
    case .channelsCancel: "left and right cancel each other: try --channel left"
    case .outOfRange:
      "the samples lie far beyond full scale and count as silence: floats must lie between -1 and 1"
    }
  }
}

/// Looks for a ``SignalFault`` in a stream. It does not allocate.
struct SignalCheck {
  private(set) var fault = SignalFault.none

  /// Frames of the stretch that is judged at once.
  private let stretch: Int
  private var frames = 0
  /// Sums of squares over the stretch: of the channels, the mean of them; and of the mix.
  private var channelPower: Float = 0
  private var mixPower: Float = 0
  /// Frames since the last absurd sample.
  private var soundFrames = 0

  /// Power of the channels, per frame, below which nothing is said: -60 dBFS.
  static let leastPower: Float = 1e-6
  /// Share of the channels' power that is left where they cancel: -30 dB.
  static let cancelledShare: Float = 1e-3
  /// Share of the samples that must be absurd to make the stream so: fewer are clicks.
  static let absurdShare = 0.1

  init(sampleRate: Int) {
    stretch = sampleRate
  }

  /// Takes in a block.
  ///
  /// - Parameters:
  ///   - channelPower, mixPower: sums of squares over the block, of the mean channel and of the mix.
  ///   - absurd: how many of the `samples` lie beyond any full scale.
  mutating func add(frames count: Int, channelPower: Float, mixPower: Float, absurd: Int, samples: Int) {
    guard count > 0 else { return }
    if Double(absurd) > Self.absurdShare * Double(samples) {
      fault = .outOfRange
      soundFrames = 0
      restart()
    } else if fault == .outOfRange {
      soundFrames = absurd > 0 ? 0 : soundFrames + count
      // A second without an absurd sample: something else plays now.
      if soundFrames >= stretch { fault = .none }
    } else {
      judge(count, channelPower, mixPower)
    }
  }

  private mutating func judge(_ count: Int, _ channelPower: Float, _ mixPower: Float) {
    frames += count
    self.channelPower += channelPower
    self.mixPower += mixPower
    guard frames >= stretch else { return }
    // A pause says nothing.
    if self.channelPower > Self.leastPower * Float(frames) {
      fault = self.mixPower < Self.cancelledShare * self.channelPower ? .channelsCancel : .none
    }
    restart()
  }

  private mutating func restart() {
    (frames, channelPower, mixPower) = (0, 0, 0)
  }
}
