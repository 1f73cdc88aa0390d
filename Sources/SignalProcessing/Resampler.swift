internal import FastKernels

/// Streaming conversion of one channel to another rate, by a ``PolyphaseFilter``.
///
/// The output is aligned with the input: output sample m lies at the time of input sample m × input rate / output rate.
/// What comes out does not depend on how the input is cut into pieces. It comes 46 samples of the lower rate late: 2.9 ms
/// where that is 16 kHz.
public final class Resampler {
  /// Nil where both rates are the same.
  private let filter: PolyphaseFilter?
  /// Input samples from `first` on. Before the first one there are zeros.
  private let history: AlignedBuffer
  private var first: Int
  private var inputCount = 0
  /// Output samples so far.
  private var outputCount = 0
  private let output: AlignedBuffer

  /// Input samples that are taken at once, and output samples that are handed over at once.
  private static let pieceLength = 4096

  /// - Parameters: both above 0.
  public init(from inputRate: Int, to outputRate: Int) {
    let filter = inputRate == outputRate ? nil : PolyphaseFilter(from: inputRate, to: outputRate)
    self.filter = filter
    first = -(filter?.taps ?? 0) / 2
    history = AlignedBuffer(count: (filter?.taps ?? 0) + Self.pieceLength)
    output = AlignedBuffer(count: Self.pieceLength)
  }

  /// Converts `input` and hands over what comes out, in pieces.
  public func process(_ input: Span<Float>, emit: (Span<Float>) -> Void) {
    guard let filter else { return emit(input) }
    var start = 0
    while start < input.count {
      let count = min(input.count - start, Self.pieceLength)
      let target = history.pointer + (inputCount - first)
      for index in 0..<count { target[index] = input[start + index] }
      convert(filter, more: count, upTo: .max, emit: emit)
      start += count
    }
  }

  /// Hands over what is left when the input has ended. Nothing may be processed after it.
  public func finish(emit: (Span<Float>) -> Void) {
    guard let filter else { return }
    // One for every input sample; behind the last one there are zeros.
    let last = (inputCount * filter.step.output + filter.step.input - 1) / filter.step.input
    while outputCount < last {
      let count = min(filter.taps / 2, Self.pieceLength)
      (history.pointer + (inputCount - first)).update(repeating: 0, count: count)
      convert(filter, more: count, upTo: last, emit: emit)
    }
  }

  /// Computes what `more` samples, which lie in the history already, bring, but no more than `limit` in all.
  private func convert(_ filter: PolyphaseFilter, more: Int, upTo limit: Int, emit: (Span<Float>) -> Void) {
    let reach = filter.taps / 2
    inputCount += more
    var (produced, number) = (0, outputCount)
    // The input sample at or before the output sample, and how far behind it that lies.
    var (sample, remainder) = (number * filter.step.input).quotientAndRemainder(dividingBy: filter.step.output)
    let (stepSamples, stepRemainder) = filter.step.input.quotientAndRemainder(dividingBy: filter.step.output)
    while sample + reach < inputCount, number < limit {
      output.pointer[produced] = filter.apply(to: history.pointer + (sample - reach + 1 - first), remainder: remainder)
      produced += 1
      number += 1
      sample += stepSamples
      remainder += stepRemainder
      if remainder >= filter.step.output {
        remainder -= filter.step.output
        sample += 1
      }
      if produced == Self.pieceLength { hand(&produced, emit) }
    }
    hand(&produced, emit)
    outputCount = number
    // What the next output sample looks at is kept, and no more than has come.
    let kept = min(sample - reach + 1, inputCount)
    if kept > first {
      history.move(from: kept - first, to: 0, count: inputCount - kept)
      first = kept
    }
  }

  private func hand(_ count: inout Int, _ emit: (Span<Float>) -> Void) {
    guard count > 0 else { return }
    let samples = UnsafeBufferPointer(start: output.pointer, count: count)
    let span = samples.span
    emit(span)
    count = 0
  }
}
