internal import CKernels
package import FastKernels

/// A 3×3 convolution of a single channel with one zero pixel around, and ReLU if wanted: too little work a pixel for
/// Winograd to pay.
package struct OneChannelConvolution: Sendable {
  package let outputs: Int

  /// `[9 × outputs]`
  private let weights: [Float]
  private let bias: [Float]
  private let rectifies: Bool
  private let kernels: Kernels

  /// - Parameter convolution: 3×3 from one channel with one zero around.
  package init(_ convolution: Convolution, rectifies: Bool, kernels: Kernels = .standard) {
    precondition(convolution.kernel.shape.prefix(3) == [3, 3, 1])
    outputs = convolution.kernel.shape[3]
    weights = convolution.kernel.values
    bias = convolution.bias
    self.rectifies = rectifies
    self.kernels = kernels
  }

  /// The output rows `rows` of `image` `[height × width]` into `output` `[rows × width × outputs]`.
  func apply(
    to image: UnsafePointer<Float>, height: Int, width: Int, rows: Range<Int>,
    into output: UnsafeMutablePointer<Float>
  ) {
    kernels.functions.pointee.convolve_one_channel(
      image, Int32(height), Int32(width), weights, bias, Int32(outputs), rectifies ? 1 : 0, Int32(rows.lowerBound),
      Int32(rows.count), output)
  }

  /// The same over tensors: `[height × width × 1]` to `[height × width × outputs]`.
  package func apply(to image: Tensor) -> Tensor {
    var output = Tensor(zeros: [image.shape[0], image.shape[1], outputs])
    image.values.withUnsafeBufferPointer { pixels in
      output.values.withUnsafeMutableBufferPointer { output in
        guard let from = pixels.baseAddress, let to = output.baseAddress else { return }
        apply(to: from, height: image.shape[0], width: image.shape[1], rows: 0..<image.shape[0], into: to)
      }
    }
    return output
  }
}
