internal import COpenBLAS

/// Two-dimensional convolution (correlation, as networks have it), stride 1, channels last, with bias.
///
/// The readable reference: the windows of a strip of output rows are laid out as the rows of a matrix (im2col), which
/// one matrix product with the kernel turns into the output.
public struct Convolution: Sendable {
  /// `[height × width × in × out]`
  public let kernel: Tensor
  /// `[out]`
  public let bias: [Float]
  /// Zeros around the input.
  public let padding: Padding

  public struct Padding: Sendable {
    public let top: Int, bottom: Int, left: Int, right: Int

    public init(top: Int = 0, bottom: Int = 0, left: Int = 0, right: Int = 0) {
      (self.top, self.bottom, self.left, self.right) = (top, bottom, left, right)
    }

    public static let none = Padding()
    /// One zero on every side: a 3×3 kernel keeps the size.
    public static let one = Padding(top: 1, bottom: 1, left: 1, right: 1)

    /// Zeros above and below, so that a kernel of `height` rows keeps the number of rows; with an even height the
    /// odd zero comes after (TensorFlow's "same").
    public static func sameRows(height: Int) -> Padding {
      Padding(top: (height - 1) / 2, bottom: height / 2)
    }
  }

  public init(kernel: Tensor, bias: [Float], padding: Padding) {
    precondition(kernel.shape.count == 4 && kernel.shape[3] == bias.count)
    self.kernel = kernel
    self.bias = bias
    self.padding = padding
  }

  /// Shape of the output for an input `[height × width × in]`.
  public func outputShape(for input: [Int]) -> [Int] {
    [
      input[0] + padding.top + padding.bottom - kernel.shape[0] + 1,
      input[1] + padding.left + padding.right - kernel.shape[1] + 1,
      kernel.shape[3],
    ]
  }

  /// Bounds the memory of the unfolded windows: 2 MiB, about a core's second-level cache.
  private static let stripValues = 1 << 19

  /// Convolves `input` `[height × width × in]` into `output` of shape ``outputShape(for:)``. `workspace` holds the
  /// unfolded windows; it grows at the first call and is reused by the next.
  public func apply(to input: Tensor, into output: inout Tensor, workspace: inout [Float]) {
    precondition(input.shape.count == 3 && input.channels == kernel.shape[2])
    precondition(output.shape == outputShape(for: input.shape))
    let (outHeight, outWidth, outChannels) = (output.shape[0], output.shape[1], output.shape[2])
    let windowSize = kernel.shape[0] * kernel.shape[1] * kernel.shape[2]
    let rowsPerStrip = max(1, min(outHeight, Self.stripValues / (outWidth * windowSize)))
    let needed = rowsPerStrip * outWidth * windowSize
    if workspace.count < needed { workspace = Array(repeating: 0, count: needed) }

    for firstRow in stride(from: 0, to: outHeight, by: rowsPerStrip) {
      let rows = min(rowsPerStrip, outHeight - firstRow)
      unfold(input, rows: firstRow..<firstRow + rows, outWidth: outWidth, into: &workspace)
      let count = rows * outWidth
      workspace.withUnsafeBufferPointer { windows in
        kernel.values.withUnsafeBufferPointer { kernel in
          output.values.withUnsafeMutableBufferPointer { output in
            let strip = output.baseAddress! + firstRow * outWidth * outChannels  // shapes are not empty
            for position in 0..<count {
              for channel in 0..<outChannels { strip[position * outChannels + channel] = bias[channel] }
            }
            cblas_sgemm(
              CblasRowMajor, CblasNoTrans, CblasNoTrans,
              Int32(count), Int32(outChannels), Int32(windowSize),
              1, windows.baseAddress, Int32(windowSize), kernel.baseAddress, Int32(outChannels),
              1, strip, Int32(outChannels))
          }
        }
      }
    }
  }

  /// Writes the window of each output position of `rows` as one row of `windows`
  /// `[rows × out width, kernel height × kernel width × in]`; what lies outside the input is zero.
  private func unfold(_ input: Tensor, rows: Range<Int>, outWidth: Int, into windows: inout [Float]) {
    let (height, width, channels) = (input.shape[0], input.shape[1], input.shape[2])
    let (kernelHeight, kernelWidth) = (kernel.shape[0], kernel.shape[1])
    let segment = kernelWidth * channels
    input.values.withUnsafeBufferPointer { input in
      windows.withUnsafeMutableBufferPointer { windows in
        var target = windows.baseAddress!  // never empty
        for row in rows {
          for column in 0..<outWidth {
            let left = column - padding.left
            let inside = max(0, left)..<max(max(0, left), min(width, left + kernelWidth))
            for kernelRow in 0..<kernelHeight {
              let inputRow = row + kernelRow - padding.top
              if inputRow < 0 || inputRow >= height || inside.isEmpty {
                target.update(repeating: 0, count: segment)
              } else {
                let before = (inside.lowerBound - left) * channels
                let count = inside.count * channels
                let source = input.baseAddress! + (inputRow * width + inside.lowerBound) * channels  // never empty
                target.update(repeating: 0, count: before)
                (target + before).update(from: source, count: count)
                (target + before + count).update(repeating: 0, count: segment - before - count)
              }
              target += segment
            }
          }
        }
      }
    }
  }
}

extension Convolution {
  /// This convolution and the batch normalisation after it, as one convolution.
  public func followed(by normalization: BatchNormalization) -> Convolution {
    let outputs = bias.count
    var folded = kernel
    folded.fill { values in
      for index in values.indices { values[index] *= normalization.scale[index % outputs] }
    }
    let offset = bias.indices.map { bias[$0] * normalization.scale[$0] + normalization.offset[$0] }
    return Convolution(kernel: folded, bias: offset, padding: padding)
  }
}
