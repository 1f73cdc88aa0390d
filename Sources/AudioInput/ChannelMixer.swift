internal import Affect

/// Makes one channel of interleaved frames, takes out what is no usable number, and looks for faults of the signal. It
/// does not allocate once it is made.
struct ChannelMixer {
  /// The frames that were mixed last; the first so many are valid.
  private(set) var samples: [Float]
  /// Samples that counted as silence so far.
  private(set) var invalidSampleCount = 0
  /// What is the matter with the audio of the last seconds.
  var conditions: InputConditions { check.conditions }

  /// 18 dB above full scale. What is louder is no audio.
  static let largestAmplitude: Float = 8

  private let channels: Int
  private let selection: ChannelSelection
  private var check: SignalCheck
  /// Those of the invalid samples that are numbers.
  private var absurdSampleCount = 0

  /// - Parameter blockLength: frames that are mixed at most at once.
  init(_ format: AudioFormat, _ selection: ChannelSelection, blockLength: Int) {
    self.selection = selection
    channels = format.channelCount
    samples = Array(repeating: 0, count: blockLength)
    check = SignalCheck(sampleRate: format.sampleRate, channels: selection == .average ? channels : 1)
  }

  /// Takes the first `count` frames of `interleaved`.
  mutating func mix(_ interleaved: [Float], frames count: Int) {
    let scale = 1 / Float(channels)
    let absurdBefore = absurdSampleCount
    var mixPower: Float = 0
    for frame in 0..<count {
      var value: Float = 0
      switch selection {
      case .average:
        for channel in 0..<channels {
          let sample = usable(interleaved[frame * channels + channel])
          check.add(sample, channel: channel)
          value += sample
        }
        value *= scale
      case .channel(let number):
        value = usable(interleaved[frame * channels + number - 1])
        check.add(value, channel: 0)
      }
      mixPower += value * value
      samples[frame] = value
    }
    let heard = selection == .average ? count * channels : count
    check.endBlock(
      frames: count, mixPower: mixPower, absurd: absurdSampleCount - absurdBefore, samples: heard)
    if check.conditions.contains(.outOfRange) {
      for frame in 0..<count { samples[frame] = 0 }
    }
  }

  private mutating func usable(_ sample: Float) -> Float {
    guard abs(sample) <= Self.largestAmplitude else {  // false for NaN too
      invalidSampleCount += 1
      if sample.isFinite { absurdSampleCount += 1 }
      return 0
    }
    return sample
  }
}
