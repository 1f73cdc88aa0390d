internal import CSampleRate

/// Streaming conversion of one channel to another rate, by libsamplerate's band-limited sinc of medium quality.
///
/// The output is aligned with the input: output sample m lies at the time of input sample m × input rate / output rate.
public final class Resampler {
  private let state: OpaquePointer?
  private let ratio: Double
  private var output: [Float]

  /// Rates within a factor of 256 of each other, which ``AudioFormat/sampleRates`` and the networks' rates are.
  public init(from inputRate: Int, to outputRate: Int) {
    ratio = Double(outputRate) / Double(inputRate)
    var error: Int32 = 0
    state = inputRate == outputRate ? nil : src_new(Int32(SRC_SINC_MEDIUM_QUALITY), 1, &error)
    precondition(inputRate == outputRate || state != nil && src_is_valid_ratio(ratio) != 0)
    output = Array(repeating: 0, count: 4096)
  }

  deinit {
    if let state { src_delete(state) }
  }

  /// Converts `input` and hands over what comes out, in pieces.
  public func process(_ input: Span<Float>, emit: (Span<Float>) -> Void) {
    guard state != nil else { return emit(input) }
    input.withUnsafeBufferPointer { convert($0, isLast: false, emit: emit) }
  }

  /// Hands over what is left when the input has ended. Nothing may be processed after it.
  public func finish(emit: (Span<Float>) -> Void) {
    guard state != nil else { return }
    convert(UnsafeBufferPointer(start: nil, count: 0), isLast: true, emit: emit)
  }

  private func convert(_ input: UnsafeBufferPointer<Float>, isLast: Bool, emit: (Span<Float>) -> Void) {
    // libsamplerate wants an address even when there is nothing to read.
    var nothing: Float = 0
    withUnsafePointer(to: &nothing) { nothing in
      var consumed = 0
      while true {
        var data = SRC_DATA()
        data.data_in = input.baseAddress.map { $0 + consumed } ?? nothing
        data.input_frames = input.count - consumed
        data.src_ratio = ratio
        data.end_of_input = isLast ? 1 : 0
        output.withUnsafeMutableBufferPointer { output in
          data.data_out = output.baseAddress
          data.output_frames = output.count
          // Fails only for a bad state, pointer or ratio, none of which can be here.
          let error = src_process(state, &data)
          precondition(error == 0, String(cString: src_strerror(error)))
        }
        consumed += data.input_frames_used
        let produced = data.output_frames_gen
        if produced > 0 { emit(output.span.extracting(first: produced)) }
        if consumed == input.count && produced < output.count { return }
      }
    }
  }
}
