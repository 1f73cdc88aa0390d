/// A descriptor of a frame, one of those that ``Compare260`` tells mean and deviation of.
struct CompareDescriptor: Sendable {
  /// The frames that it is computed of.
  enum Frame {
    /// ``CompareShortFrames``
    case short
    /// ``CompareLongFrames``
    case long
  }

  /// With `compare_` before it, since other embeddings have a loudness too.
  let name: String
  let frame: Frame
  /// Whether it is a power.
  let isPower: Bool

  private init(_ name: String, _ frame: Frame = .short, isPower: Bool = false) {
    self.name = "compare_\(name)"
    self.frame = frame
    self.isPower = isPower
  }

  /// The first descriptors, those of the voice and of energy, end with the last frame that is told: their deltas do not hear what the window
  /// has behind it. The other deltas do. So it is in openSMILE's output.
  static let heldCount = 10

  /// In the order of their values. Those of a kind of frames have the order of the frame's values.
  static let all: [CompareDescriptor] =
    CompareLongFrames.voiceNames.map { CompareDescriptor($0, .long) }
    + [
      CompareDescriptor("loudness"), CompareDescriptor("rasta_loudness"), CompareDescriptor("rms_energy"),
      CompareDescriptor("zero_crossings", .long),
    ]
    + (1...CompareShortFrames.bandCount).map { CompareDescriptor("rasta_band_\($0)") }
    + [
      CompareDescriptor("energy_250_650", isPower: true), CompareDescriptor("energy_1000_4000", isPower: true),
      CompareDescriptor("rolloff_25"), CompareDescriptor("rolloff_50"), CompareDescriptor("rolloff_75"),
      CompareDescriptor("rolloff_90"), CompareDescriptor("flux"), CompareDescriptor("centroid"),
      CompareDescriptor("entropy"), CompareDescriptor("variance"), CompareDescriptor("skewness"),
      CompareDescriptor("kurtosis"), CompareDescriptor("slope"), CompareDescriptor("sharpness"),
      CompareDescriptor("harmonicity", isPower: true),
    ]
    + (1...CompareShortFrames.cepstrumCount).map { CompareDescriptor("mfcc_\($0)") }

  /// Where the descriptors of a kind of frames lie among all.
  static func places(of frame: Frame) -> [Int] { all.indices.filter { all[$0].frame == frame } }
}
