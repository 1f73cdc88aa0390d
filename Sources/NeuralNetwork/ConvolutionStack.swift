/// A chain of 3×3 convolutions from one channel on, run one after another over two buffers: the fast way through a
/// network such as OpenL3.
package struct ConvolutionStack: Sendable {
  private let first: OneChannelConvolution
  private let rest: [WinogradConvolution]
  private let height: Int
  private let width: Int
  private let workspace: AlignedBuffer
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
    var sizes = [shape.reduce(1, *)]
    for layer in rest {
      precondition(layer.inputs == shape[2])
      shape = layer.outputShape(for: shape)
      sizes.append(shape.reduce(1, *))
    }
    outputShape = shape
    workspace = AlignedBuffer(count: rest.map(\.workspaceCount).max() ?? 0)
    // The layers write into one buffer and the other in turn.
    buffers = [0, 1].map { parity in
      AlignedBuffer(count: sizes.enumerated().filter { $0.offset % 2 == parity }.map(\.element).max() ?? 0)
    }
  }

  /// From `image` `[height × width × 1]` to `output` of ``outputShape``. Not to be called by two threads at once.
  package func apply(to image: Tensor, into output: inout Tensor) {
    precondition(image.values.count == height * width && output.shape == outputShape)
    image.values.withUnsafeBufferPointer { image in
      first.apply(
        to: image.baseAddress!, height: height, width: width, rows: 0..<height, into: buffers[0].pointer)  // not empty
    }
    var shape = [height, width, first.outputs]
    for (index, layer) in rest.enumerated() {
      layer.apply(
        to: buffers[index % 2].pointer, height: shape[0], width: shape[1], into: buffers[(index + 1) % 2].pointer,
        workspace: workspace)
      shape = layer.outputShape(for: shape)
    }
    let result = buffers[rest.count % 2].pointer
    output.fill { values in
      for index in values.indices { values[index] = result[index] }
    }
  }
}
