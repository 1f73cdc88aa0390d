internal import FastKernels

/// A chain of 3×3 convolutions from one channel on, run one after another over two buffers: the fast way through a
/// network such as OpenL3.
package struct ConvolutionStack: Sendable {
  private let first: OneChannelConvolution
  private let rest: [WinogradConvolution]
  private let height: Int
  private let width: Int
  private let workspace: AlignedBuffer
  /// The rows of the first layer that a row of the second one's tiles reads.
  private let band: AlignedBuffer
  private let buffers: [AlignedBuffer]
  /// Shape of the last layer's output.
  package let outputShape: [Int]

  /// - Parameters:
  ///   - height, width: of the image.
  ///   - first: the layer that reads it.
  ///   - rest: the layers after that, in order.
  package init(height: Int, width: Int, first: OneChannelConvolution, rest: [WinogradConvolution]) {
    self.height = height
    self.width = width
    self.first = first
    self.rest = rest
    var shape = [height, width, first.outputs]
    var sizes: [Int] = []
    for layer in rest {
      precondition(layer.inputs == shape[2])
      shape = layer.outputShape(for: shape)
      sizes.append(shape.reduce(1, *))
    }
    outputShape = shape
    workspace = AlignedBuffer(count: rest.map(\.workspaceCount).max() ?? 0)
    let bandRows = (0..<rest[0].tileRows(height: height)).map { rest[0].inputRows(ofTileRow: $0, height: height).count }
    band = AlignedBuffer(count: (bandRows.max() ?? 0) * width * first.outputs)
    // The layers write into one buffer and the other in turn.
    buffers = [0, 1].map { parity in
      AlignedBuffer(count: sizes.enumerated().filter { $0.offset % 2 == parity }.map(\.element).max() ?? 0)
    }
  }

  /// From `image` `[height × width × 1]` to `output` of ``outputShape``. Not to be called by two threads at once.
  package func apply(to image: Tensor, into output: inout Tensor) {
    precondition(image.values.count == height * width && output.shape == outputShape)
    image.values.withUnsafeBufferPointer { image in
      guard let image = image.baseAddress else { return }
      applyFirstTwo(to: image, into: buffers[0].pointer)
    }
    var shape = rest[0].outputShape(for: [height, width, first.outputs])
    for (index, layer) in rest.enumerated().dropFirst() {
      layer.apply(
        to: buffers[(index + 1) % 2].pointer, height: shape[0], width: shape[1], into: buffers[index % 2].pointer,
        workspace: workspace)
      shape = layer.outputShape(for: shape)
    }
    let result = buffers[(rest.count + 1) % 2].pointer
    output.fill { values in
      for index in values.indices { values[index] = result[index] }
    }
  }

  /// The first layer's output is the largest of all, and as quickly computed as fetched from memory: it is made a band of
  /// rows at a time, for the tiles that read it next.
  private func applyFirstTwo(to image: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
    let second = rest[0]
    let rowLength = width * first.outputs
    for tileRow in 0..<second.tileRows(height: height) {
      let rows = second.inputRows(ofTileRow: tileRow, height: height)
      first.apply(to: image, height: height, width: width, rows: rows, into: band.pointer)
      // Where the image would begin if all its rows were there.
      let start = band.pointer - rows.lowerBound * rowLength
      second.apply(
        to: start, height: height, width: width, tileRows: tileRow..<tileRow + 1, into: output, workspace: workspace)
    }
  }
}
