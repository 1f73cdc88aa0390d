public import Affect
internal import CStartUp
public import Platform

/// An input as a user writes it: `alsa:NAME`, `file:PATH`, `stdin:RATE,CHANNELS,FORMAT`, `demo` or `tone:FREQUENCY`.
public enum AudioInputName: Sendable, Equatable {
  case alsa(String)
  case file(String)
  case standardInput(AudioFormat, SampleFormat)
  case demo
  case tone(Double)

  /// - Throws: ``Failure`` that says what is wrong with `text`.
  public init(_ text: String) throws(Failure) {
    let (kind, rest) = Self.split(text)
    switch (kind, rest) {
    case ("alsa", let name?) where !name.isEmpty: self = .alsa(name)
    case ("file", let path?) where !path.isEmpty: self = .file(path)
    case ("stdin", let parameters?): self = try Self.standardInput(parameters, text: text)
    case ("demo", nil): self = .demo
    case ("tone", let frequency?):
      guard let hertz = Double(frequency), ToneSource.frequencies.contains(hertz) else {
        throw Failure(
          .usage,
          "input '\(text)': the frequency must be a number of Hz from 1 to 20000, as in tone:440")
      }
      self = .tone(hertz)
    default:
      throw Failure(
        .usage,
        "input '\(text)' is not known: expected alsa:NAME, file:PATH, stdin:RATE,CHANNELS,FORMAT, demo or tone:FREQUENCY"
      )
    }
  }

  /// Whether it is a device, which can be absent for a while.
  public var isDevice: Bool {
    if case .alsa = self { return true }
    return false
  }

  /// The device, if it names a card by its number, as in `hw:1,0`. Numbers change from one start of the system to the
  /// next.
  public var numberedCard: String? {
    guard case .alsa(let name) = self else { return nil }
    let plain = name.replacing("CARD=", with: "")
    guard let colon = plain.firstIndex(of: ":"), ["hw", "plughw", "dsnoop", "sysdefault"].contains(plain[..<colon]),
      plain[plain.index(after: colon)...].first?.isNumber == true
    else { return nil }
    return "alsa:\(name)"
  }

  /// Opens the input and starts to capture from it.
  ///
  /// - Parameter hop: from it follows how much audio a read brings: a twentieth of it, 2.5 to 5 ms. Short reads keep the
  ///   latency down, and wake the processor more often; a sound server that is asked for them does so for all programs.
  public func startCapture(channel: ChannelSelection, hop: Hop) throws(Failure) -> Capture {
    Capture.start(try open(channel: channel, readLength: min(max(hop.seconds / 20, 0.0025), 0.005)))
  }

  /// Opens the input.
  ///
  /// - Parameter readLength: how much audio a read brings at most, seconds.
  public func open(
    channel: ChannelSelection, readLength: Double = MonoReader.readLength
  ) throws(Failure) -> sending MonoReader {
    let source: any AudioSource
    switch self {
    case .alsa(let name):
      source = try ALSASource(name: name, leastChannelCount: channel.leastChannelCount, period: readLength)
    case .file(let path): source = try SoundFileSource(path: path)
    case .standardInput(let format, let sampleFormat):
      guard !affect_standard_input_was_closed() else {
        throw Failure(.noInput, "standard input is closed: connect it to what gives the audio")
      }
      source = RawPCMSource(format: format, sampleFormat: sampleFormat)
    case .demo: source = DemoSource(repeats: true)
    case .tone(let frequency): source = ToneSource(frequency: frequency)
    }
    return try MonoReader(source, channel: channel, readLength: readLength)
  }

  private static func split(_ text: String) -> (kind: Substring, rest: String?) {
    guard let colon = text.firstIndex(of: ":") else { return (text[...], nil) }
    return (text[..<colon], String(text[text.index(after: colon)...]))
  }

  private static func standardInput(_ parameters: String, text: String) throws(Failure) -> AudioInputName {
    let parts = parameters.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3, let rate = Int(parts[0]), let channels = Int(parts[1]),
      AudioFormat.sampleRates.contains(rate), AudioFormat.channelCounts.contains(channels),
      let format = SampleFormat(rawValue: String(parts[2]))
    else {
      let formats = SampleFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(
        .usage,
        "input '\(text)': expected stdin:RATE,CHANNELS,FORMAT as in stdin:48000,2,s16le, with a rate from "
          + "\(AudioFormat.sampleRates.lowerBound) to \(AudioFormat.sampleRates.upperBound) Hz, 1 to "
          + "\(AudioFormat.channelCounts.upperBound) channels, and one of \(formats)")
    }
    return .standardInput(AudioFormat(sampleRate: rate, channelCount: channels), format)
  }
}
