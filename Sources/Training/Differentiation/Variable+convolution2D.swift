extension Variable {
  /// A two-dimensional convolution (correlation, as networks have it), stride 1: `[batch × height × width × in]`
  /// becomes `[batch × (height + 2 padding - kernel height + 1) × … × out]`.
  ///
  /// - Parameters:
  ///   - kernel: `[height × width × in × out]`
  ///   - bias: `[out]`
  ///   - padding: zeros above and below, and on the left and the right.
  public func convolved2D(
    kernel: Variable, bias: Variable?, padding: (height: Int, width: Int) = (0, 0)
  ) -> Variable {
    precondition(shape.count == 4 && kernel.shape.count == 4 && kernel.shape[2] == shape[3])
    let windows = ImageWindows(input: shape, kernel: kernel.shape, padding: padding)
    let outputs = kernel.shape[3]
    precondition(bias.map { $0.shape == [outputs] } ?? true)
    let (input, weights) = (value, kernel.value)
    let (rows, width) = (windows.count, windows.size)
    var unfolded = [Scalar](repeating: 0, count: rows * width)
    let output = DenseTensor<Scalar>(shape: [windows.batch, windows.outHeight, windows.outWidth, outputs]) { output in
      if let bias { bias.value.repeatRows(windows.batch * rows, into: output) }
      for image in 0..<windows.batch {
        windows.unfold(input.values, image: image, into: &unfolded)
        Scalar.multiply(
          unfolded, stride: width, transposingLeft: false, weights.values, stride: outputs, transposingRight: false,
          rows: rows, columns: outputs, depth: width, factor: 1,
          into: output + image * rows * outputs, stride: outputs, accumulating: bias != nil)
      }
    }
    return Variable(output, from: [self, kernel] + (bias.map { [$0] } ?? [])) { gradient in
      var unfolded = [Scalar](repeating: 0, count: rows * width)
      var unfoldedGradient = unfolded
      gradient.withPointer { gradient in
        for image in 0..<windows.batch {
          let gradient = gradient + image * rows * outputs
          kernel.withGradient { kernelGradient in
            windows.unfold(input.values, image: image, into: &unfolded)
            Scalar.multiply(
              unfolded, stride: width, transposingLeft: true, gradient, stride: outputs, transposingRight: false,
              rows: width, columns: outputs, depth: rows, factor: 1,
              into: kernelGradient, stride: outputs, accumulating: true)
          }
          self.withGradient { inputGradient in
            Scalar.multiply(
              gradient, stride: outputs, transposingLeft: false, weights.values, stride: outputs,
              transposingRight: true, rows: rows, columns: width, depth: outputs, factor: 1,
              into: &unfoldedGradient, stride: width, accumulating: false)
            windows.addFolded(unfoldedGradient, image: image, to: inputGradient)
          }
        }
      }
      bias?.withGradient { gradient.addRowSums(to: $0) }
    }
  }
}

/// The windows of a kernel over images, laid out as the rows of a matrix (im2col).
private struct ImageWindows {
  let batch, height, width, channels: Int
  let kernelHeight, kernelWidth: Int
  let padding: (height: Int, width: Int)

  init(input: [Int], kernel: [Int], padding: (height: Int, width: Int)) {
    (batch, height, width, channels) = (input[0], input[1], input[2], input[3])
    (kernelHeight, kernelWidth) = (kernel[0], kernel[1])
    self.padding = padding
    precondition(outHeight > 0 && outWidth > 0, "a kernel \(kernel) does not fit into \(input)")
  }

  var outHeight: Int { height + 2 * padding.height - kernelHeight + 1 }
  var outWidth: Int { width + 2 * padding.width - kernelWidth + 1 }
  /// Of an image.
  var count: Int { outHeight * outWidth }
  /// Values in a window.
  var size: Int { kernelHeight * kernelWidth * channels }

  /// For each row of each window, as far as it lies inside the image: where it begins in the image and in the matrix,
  /// and how many values it has.
  private func forEachSegment(_ body: (_ image: Int, _ matrix: Int, _ count: Int) -> Void) {
    for row in 0..<outHeight {
      for column in 0..<outWidth {
        let left = column - padding.width
        let inside = max(0, left)..<max(max(0, left), min(width, left + kernelWidth))
        for kernelRow in 0..<kernelHeight {
          let imageRow = row + kernelRow - padding.height
          guard 0 <= imageRow && imageRow < height else { continue }
          let segment = ((row * outWidth + column) * kernelHeight + kernelRow) * kernelWidth
          body(
            (imageRow * width + inside.lowerBound) * channels, (segment + inside.lowerBound - left) * channels,
            inside.count * channels)
        }
      }
    }
  }

  /// Writes the windows of an image `[windows × values]`. What lies outside the image is not written: it stays zero.
  func unfold<Scalar: TrainingScalar>(
    _ images: UnsafePointer<Scalar>, image: Int, into matrix: UnsafeMutablePointer<Scalar>
  ) {
    let source = images + image * height * width * channels
    forEachSegment { image, position, count in (matrix + position).update(from: source + image, count: count) }
  }

  /// Adds the windows' values to an image, each where it came from.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func addFolded<Scalar: TrainingScalar>(
    _ matrix: UnsafePointer<Scalar>, image: Int, to images: UnsafeMutablePointer<Scalar>
  ) {
    let target = images + image * height * width * channels
    forEachSegment { image, position, count in
      for index in 0..<count { target[image + index] += matrix[position + index] }
    }
  }
}
