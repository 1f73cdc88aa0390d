internal import SignalProcessing

/// The newest stretch of a stream of samples at another sample rate, addressed by position in the stream.
struct ResampledHistory {
  /// Hz.
  let rate: Int
  private let resampler: Resampler
  private var samples: SampleHistory

  /// Position after the last sample.
  var end: Int { samples.end }

  /// - Parameters:
  ///   - inputRate: of what is appended, Hz.
  ///   - length: samples at `rate` that are kept at least.
  ///   - pieceLength: the most samples that are appended at once.
  init(from inputRate: Int, to rate: Int, length: Int, pieceLength: Int) {
    self.rate = rate
    resampler = Resampler(from: inputRate, to: rate)
    let pieceOutput = (pieceLength + 1) * rate / inputRate + 4096
    samples = SampleHistory(length: length + 2 * pieceOutput)
  }

  mutating func append(_ piece: Span<Float>) {
    resampler.process(piece) { samples.append($0) }
  }

  /// Appends what is left in the resampler when the input has ended.
  mutating func finish() {
    resampler.finish { samples.append($0) }
  }

  /// Appends zeros as long as `position` is not reached.
  mutating func fill(to position: Int) {
    if position > end { samples.append(zeros: position - end) }
  }

  /// The samples from `position` on; they must still be there.
  func withSpan(from position: Int, count: Int, _ body: (Span<Float>) -> Void) {
    samples.withSpan(from: position, count: count, body)
  }
}
