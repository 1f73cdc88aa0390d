internal import Glibc
public import SignalProcessing

/// Descriptors that listeners have names for, as the MIRtoolbox defines them (Lartillot and Toiviainen, "A Matlab toolbox for
/// musical feature extraction from audio", 2007), over a window of 3 s: pitch, tempo, pulse clarity, key clarity, mode,
/// brightness, roughness, regularity and change of harmony.
///
/// Pitch, brightness, roughness and regularity are those of the window's last second, the others of all of it. Frames are as
/// long as each descriptor wants them; where they differ from the toolbox, docs/descriptors.md says why. The filter of a venue
/// acts on all but the pitch, which is found on the wave itself.
public struct MidLevelFeatures: AudioEmbedder {
  /// Which of the values there are. The raw values are the identifiers.
  public enum Selection: String, Sendable {
    case all = "mid-9"
    /// Without key clarity, mode and regularity: those that the paper of Cao adds to ``EGeMAPS``, as far as it can be told.
    case six = "mid-6"
  }

  public let selection: Selection

  public var identifier: String { selection.rawValue }
  public var sampleRate: Int { Self.rate }
  public var windowLength: Int { 3 * Self.rate }
  /// 50 ms, of which all frames are parts or multiples.
  public var windowStep: Int { Self.step }
  public var dimension: Int { valueNames.count }

  public var valueNames: [String] {
    switch selection {
    case .all:
      [
        "pitch", "tempo", "pulse_clarity", "key_clarity", "mode", "brightness", "roughness", "regularity",
        "state_change",
      ]
    case .six: ["pitch", "tempo", "pulse_clarity", "brightness", "roughness", "state_change"]
    }
  }

  private static let rate = 16_000
  private static let step = 800
  /// Where the last second begins.
  private static let last = 2 * rate

  private var partials: MidLevelSpectra
  private var pitches: PitchFrames
  private var envelope: OnsetEnvelope
  private var harmony: HarmonicChange
  private var tonality: Tonality

  public init(_ selection: Selection = .all) {
    self.selection = selection
    let rate = Double(Self.rate)
    partials = MidLevelSpectra(sampleRate: rate, step: Self.step)
    pitches = PitchFrames(sampleRate: rate)
    envelope = OnsetEnvelope(sampleRate: rate)
    harmony = HarmonicChange(sampleRate: rate)
    tonality = Tonality(sampleRate: rate)
  }

  public mutating func restart() {
    partials.restart()
    pitches.restart()
    envelope.restart()
    harmony.restart()
    tonality.restart()
  }

  public mutating func use(_ filter: VenueFilter?) {
    partials.use(filter)
    pitches.restart()
    envelope.use(filter)
    harmony.use(filter)
    tonality.use(filter)
  }

  public mutating func embed(_ window: Span<Float>, startingAt start: Int, into embedding: inout [Float]) {
    let lastSecond = window.extracting(Self.last..<window.count)
    let spectra = partials.compute(lastSecond, startingAt: start + Self.last)
    let pitch = pitches.median(lastSecond, startingAt: start + Self.last)
    let pulse = Pulse(
      envelope.compute(window, startingAt: start), rate: Double(Self.rate) / Double(OnsetEnvelope.step))
    let change = harmony.compute(window, startingAt: start)
    var values = [pitch, pulse.tempo, pulse.clarity]
    if selection == .all {
      let key = tonality.describe(window, startingAt: start)
      values += [key.clarity, key.mode]
    }
    values += [spectra.brightness, spectra.roughness]
    if selection == .all { values.append(spectra.regularity) }
    values.append(change)
    for (place, value) in values.enumerated() { embedding[place] = value }
  }
}
