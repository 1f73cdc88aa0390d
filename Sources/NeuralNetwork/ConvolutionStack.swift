internal import Dispatch
internal import FastKernels

/// A chain of 3×3 convolutions from one channel on, run one after another over two buffers: the fast way through a
/// network such as OpenL3. With several threads each layer's rows of tiles are divided among them.
package struct ConvolutionStack: Sendable {
  private let first: OneChannelConvolution
  private let rest: [WinogradConvolution]
  private let height: Int
  private let width: Int
  /// One for each thread.
  private let workspaces: [AlignedBuffer]
  /// The rows of the first layer that a row of the second one's tiles reads; one for each thread.
  private let bands: [AlignedBuffer]
  private let buffers: [AlignedBuffer]
  /// Shape of the last layer's output.
  package let outputShape: [Int]

  /// - Parameters:
  ///   - height, width: of the image.
  ///   - first: the layer that reads it.
  ///   - rest: the layers after that, in order.
  ///   - threads: how many work on a layer at once.
  package init(
    height: Int, width: Int, first: OneChannelConvolution, rest: [WinogradConvolution], threads: Int = 1
  ) {
    precondition(threads > 0 && rest.count > 1)
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
    let workspaceCount = rest.map(\.workspaceCount).max() ?? 0
    workspaces = (0..<threads).map { _ in AlignedBuffer(count: workspaceCount) }
    let bandRows = (0..<rest[0].tileRows(height: height)).map { rest[0].inputRows(ofTileRow: $0, height: height).count }
    let bandCount = (bandRows.max() ?? 0) * width * first.outputs
    bands = (0..<threads).map { _ in AlignedBuffer(count: bandCount) }
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
    output.withMutableValues { result in
      var shape = rest[0].outputShape(for: [height, width, first.outputs])
      for (index, layer) in rest.enumerated().dropFirst() {
        let input = buffers[(index + 1) % 2].pointer
        let output = index == rest.count - 1 ? result : buffers[index % 2].pointer
        divide(layer.tileRows(height: shape[0])) { rows, thread in
          layer.apply(
            to: input, height: shape[0], width: shape[1], tileRows: rows, into: output, workspace: workspaces[thread])
        }
        shape = layer.outputShape(for: shape)
      }
    }
  }

  /// The first layer's output is the largest of all, and as quickly computed as fetched from memory: it is made a band of
  /// rows at a time, for the tiles that read it next.
  private func applyFirstTwo(to image: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
    let second = rest[0]
    let rowLength = width * first.outputs
    divide(second.tileRows(height: height)) { tileRows, thread in
      for tileRow in tileRows {
        let rows = second.inputRows(ofTileRow: tileRow, height: height)
        first.apply(to: image, height: height, width: width, rows: rows, into: bands[thread].pointer)
        // Where the image would begin if all its rows were there.
        let start = bands[thread].pointer - rows.lowerBound * rowLength
        second.apply(
          to: start, height: height, width: width, tileRows: tileRow..<tileRow + 1, into: output,
          workspace: workspaces[thread])
      }
    }
  }

  /// Calls `body` for each thread with its share of `count` rows, and waits for all.
  private func divide(_ count: Int, _ body: (_ rows: Range<Int>, _ thread: Int) -> Void) {
    let threads = workspaces.count
    guard threads > 1 else { return body(0..<count, 0) }
    nonisolated(unsafe) let body = body  // each thread writes rows and workspaces of its own
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      body(count * thread / threads..<count * (thread + 1) / threads, thread)
    }
  }
}
