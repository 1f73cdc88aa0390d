internal import CALSA
public import Platform

/// Capture through ALSA, from any PCM name that `arecord -L` or an `asoundrc` knows.
///
/// The device is taken as it is: its own rate, one of its own formats, as many channels as it must have.
public final class ALSASource: AudioSource {
  public let format: AudioFormat
  public let pace = AudioPace.device
  public private(set) var overrunCount = 0

  private let name: String
  private let pcm: OpaquePointer
  private let sampleFormat: SampleFormat
  private var bytes: [UInt8] = []

  /// Preferred where the device leaves a choice: the rate that most cards and sound servers run at.
  private static let preferredRate: UInt32 = 48_000
  /// Microseconds. The buffer carries over half a second of trouble.
  private static let bufferTime: UInt32 = 500_000
  /// Longest wait for data, milliseconds.
  private static let timeout: Int32 = 100

  /// Best first.
  private static let sampleFormats: [(snd_pcm_format_t, SampleFormat)] = [
    (SND_PCM_FORMAT_FLOAT_LE, .f32le), (SND_PCM_FORMAT_S32_LE, .s32le), (SND_PCM_FORMAT_S24_LE, .s24in32le),
    (SND_PCM_FORMAT_S24_3LE, .s24le), (SND_PCM_FORMAT_S16_LE, .s16le),
  ]

  /// Opens and starts the device.
  ///
  /// - Parameter period: how much audio the device is to bring at once, seconds. It may have another mind.
  /// - Throws: ``Failure`` that names the device.
  public init(
    name: String, leastChannelCount: Int, period: Double = MonoReader.readLength
  ) throws(Failure) {
    affectd_alsa_silence_messages()
    var opened: OpaquePointer?
    let result = snd_pcm_open(&opened, name, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK)
    guard result >= 0, let pcm = opened else {
      throw Failure(.noInput, "alsa:\(name): \(Self.explanation(of: result))")
    }
    do throws(Failure) {
      (format, sampleFormat) = try Self.configure(
        pcm, name: name, leastChannelCount: leastChannelCount, period: period)
      try Self.check(snd_pcm_start(pcm), name, "the device does not start")
    } catch {
      snd_pcm_close(pcm)
      throw error
    }
    self.name = name
    self.pcm = pcm
  }

  deinit { snd_pcm_close(pcm) }

  public func read(into frames: inout [Float]) throws(Failure) -> AudioReadResult {
    let wanted = frames.count / format.channelCount
    let byteCount = wanted * format.channelCount * sampleFormat.bytesPerSample
    if bytes.count < byteCount { bytes = Array(repeating: 0, count: byteCount) }

    let result = Int32(truncatingIfNeeded: snd_pcm_readi(pcm, &bytes, snd_pcm_uframes_t(wanted)))
    if result > 0 {
      bytes.withUnsafeBytes {
        sampleFormat.decode($0, count: Int(result) * format.channelCount, into: &frames)
      }
      return .frames(Int(result))
    }
    if result == 0 || result == -EAGAIN {
      let waited = snd_pcm_wait(pcm, Self.timeout)
      if waited < 0 { try recover(from: waited) }
    } else {
      try recover(from: result)
    }
    return .nothing
  }

  /// After an overrun or a suspension the device is started again; any other error means that it is lost.
  private func recover(from error: Int32) throws(Failure) {
    switch error {
    case -EINTR, -EAGAIN:
      return
    case -EPIPE, -ESTRPIPE:
      overrunCount += 1
      try Self.check(snd_pcm_prepare(pcm), name, "the device does not come back after an overrun", .deviceLost)
      try Self.check(snd_pcm_start(pcm), name, "the device does not come back after an overrun", .deviceLost)
    default:
      try Self.check(error, name, "the device is lost", .deviceLost)
    }
  }

  private static func configure(
    _ pcm: OpaquePointer, name: String, leastChannelCount: Int, period: Double
  ) throws(Failure) -> (AudioFormat, SampleFormat) {
    var allocated: OpaquePointer?
    snd_pcm_hw_params_malloc(&allocated)
    guard let parameters = allocated else { throw Failure(.noInput, "alsa:\(name): out of memory") }
    defer { snd_pcm_hw_params_free(parameters) }

    try check(snd_pcm_hw_params_any(pcm, parameters), name, "the device has no usable configuration")
    // The device's own rate: our resampler is better than the one that ALSA would put in between.
    snd_pcm_hw_params_set_rate_resample(pcm, parameters, 0)
    try check(
      snd_pcm_hw_params_set_access(pcm, parameters, SND_PCM_ACCESS_RW_INTERLEAVED), name,
      "the device does not give interleaved frames")
    guard
      let (alsaFormat, sampleFormat) = sampleFormats.first(where: {
        snd_pcm_hw_params_test_format(pcm, parameters, $0.0) == 0
      })
    else {
      throw Failure(
        .noInput, "alsa:\(name): the device offers none of the formats S16, S24, S24_3LE, S32 and float")
    }
    try check(snd_pcm_hw_params_set_format(pcm, parameters, alsaFormat), name, "the sample format is refused")

    var channels = UInt32(leastChannelCount)
    try check(
      snd_pcm_hw_params_set_channels_min(pcm, parameters, &channels), name,
      "the device does not have \(leastChannelCount) channels, choose another one with --channel")
    channels = UInt32(max(2, leastChannelCount))
    try check(snd_pcm_hw_params_set_channels_near(pcm, parameters, &channels), name, "the channels are refused")
    var rate = preferredRate
    try check(snd_pcm_hw_params_set_rate_near(pcm, parameters, &rate, nil), name, "the rate is refused")
    // The device may round these; nothing depends on their exact value.
    var microseconds = UInt32(period * 1e6)
    snd_pcm_hw_params_set_period_time_near(pcm, parameters, &microseconds, nil)
    var buffer = bufferTime
    snd_pcm_hw_params_set_buffer_time_near(pcm, parameters, &buffer, nil)
    try check(snd_pcm_hw_params(pcm, parameters), name, "the device refuses its configuration")

    let format = AudioFormat(sampleRate: Int(rate), channelCount: Int(channels))
    guard AudioFormat.sampleRates.contains(format.sampleRate), AudioFormat.channelCounts.contains(format.channelCount)
    else {
      throw Failure(.noInput, "alsa:\(name): \(channels) channels at \(rate) Hz cannot be used")
    }
    return (format, sampleFormat)
  }

  private static func check(
    _ result: Int32, _ name: String, _ problem: String, _ code: Failure.Code = .noInput
  ) throws(Failure) {
    guard result < 0 else { return }
    throw Failure(code, "alsa:\(name): \(problem): \(String(cString: snd_strerror(result)))")
  }

  private static func explanation(of error: Int32) -> String {
    let hint =
      switch error {
      case -ENOENT, -ENODEV, -ENXIO: "there is no such capture device"
      case -EBUSY: "the device is in use by another program"
      case -EACCES, -EPERM: "not permitted, are you in the group 'audio'?"
      case -ECONNREFUSED: "the sound server does not run"
      default: "the device cannot be opened"
      }
    return "\(hint) (\(String(cString: snd_strerror(error))))"
  }
}
