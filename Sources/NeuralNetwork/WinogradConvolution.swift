internal import CKernels
package import FastKernels

/// A 3×3 convolution with one zero pixel around, stride 1, channels last, by Winograd's minimal filtering; with bias,
/// and if wanted ReLU and 2×2 maximum pooling in the same pass.
///
/// The image is worked off in strips of tiles, so that what a strip is transformed to stays in the second-level cache:
/// transform the strip, multiply each of the (m + 2)² planes by its matrix, a block of output channels at a time, and
/// transform the block back.
package struct WinogradConvolution: Sendable {
  package let inputs: Int
  package let outputs: Int

  private let outputTile: Int
  private let bias: [Float]
  private let rectifies: Bool
  private let pools: Bool
  private let kernels: Kernels
  /// One matrix `[inputs × outputs]` for each plane.
  private let planes: [PackedMatrix]
  private let tilesPerStrip: Int
  private let outputBlock: Int

  private var planeCount: Int { (outputTile + 2) * (outputTile + 2) }
  /// Apart from each other by an odd number of cache lines, or all planes would fall into the same sets of the cache.
  private var inputStride: Int { tilesPerStrip * inputs + Self.padding(tilesPerStrip * inputs) }
  private var outputStride: Int { tilesPerStrip * outputBlock + Self.padding(tilesPerStrip * outputBlock) }

  private static func padding(_ count: Int) -> Int {
    let lines = (count + 15) / 16
    return (lines % 2 == 0 ? lines + 1 : lines + 2) * 16 - count
  }

  /// - Parameters:
  ///   - convolution: 3×3 with one zero around.
  ///   - outputTile: m, 4 or 6. The larger needs fewer products, but its weights take more memory: 64 instead of 36
  ///     numbers for each pair of channels, which does not pay for small images.
  ///   - rectifies: whether ReLU follows.
  ///   - pools: whether 2×2 pooling follows that.
  package init(
    _ convolution: Convolution, outputTile: Int, rectifies: Bool, pools: Bool, kernels: Kernels = .standard
  ) {
    let shape = convolution.kernel.shape
    precondition(shape[0] == 3 && shape[1] == 3 && (outputTile == 4 || outputTile == 6))
    (inputs, outputs) = (shape[2], shape[3])
    self.outputTile = outputTile
    bias = convolution.bias
    self.rectifies = rectifies
    self.pools = pools
    self.kernels = kernels
    (tilesPerStrip, outputBlock) = Self.blocking(inputs: shape[2], outputs: shape[3], outputTile: outputTile)

    let (inputs, outputs) = (shape[2], shape[3])
    let values = convolution.kernel.values
    let size = (outputTile + 2) * (outputTile + 2)
    var transformed = [Float](repeating: 0, count: size * inputs * outputs)
    var taps = [Double](repeating: 0, count: 9)
    for input in 0..<inputs {
      for output in 0..<outputs {
        for tap in 0..<9 { taps[tap] = Double(values[(tap * inputs + input) * outputs + output]) }
        for (plane, value) in WinogradKernel.transform(taps, outputTile: outputTile).enumerated() {
          transformed[(plane * inputs + input) * outputs + output] = Float(value)
        }
      }
    }
    planes = (0..<size).map { plane in
      PackedMatrix(depth: inputs, columns: outputs, kernels: kernels) { row, column in
        transformed[(plane * inputs + row) * outputs + column]
      }
    }
  }

  /// Tiles in a strip and channels in a block, as they measured best: few enough tiles for the planes to stay in the
  /// second-level cache, more where each tile shares more weights.
  private static func blocking(inputs: Int, outputs: Int, outputTile: Int) -> (tiles: Int, block: Int) {
    switch (outputTile, inputs) {
    case (4, _): (48, min(outputs, 256))
    case (_, 128): (24, min(outputs, 128))
    case (_, 64): (18, min(outputs, 128))
    default: (36, min(outputs, 128))
    }
  }

  /// Floats that ``apply(to:height:width:into:workspace:)`` needs for its planes.
  package var workspaceCount: Int { planeCount * (inputStride + outputStride) }

  /// From `image` `[height × width × inputs]` to `output` `[height × width × outputs]`, or half the size if it pools.
  func apply(
    to image: UnsafePointer<Float>, height: Int, width: Int, into output: UnsafeMutablePointer<Float>,
    workspace: AlignedBuffer
  ) {
    let rows = 0..<tileRows(height: height)
    apply(to: image, height: height, width: width, tileRows: rows, into: output, workspace: workspace)
  }

  func tileRows(height: Int) -> Int { (height + outputTile - 1) / outputTile }

  /// Rows of the image that a row of tiles reads.
  func inputRows(ofTileRow row: Int, height: Int) -> Range<Int> {
    max(0, row * outputTile - 1)..<min(height, (row + 1) * outputTile + 1)
  }

  /// The same for some rows of tiles only. Of the image, only the rows that they read need be there.
  func apply(
    to image: UnsafePointer<Float>, height: Int, width: Int, tileRows: Range<Int>,
    into output: UnsafeMutablePointer<Float>, workspace: AlignedBuffer
  ) {
    precondition(workspace.count >= workspaceCount)
    guard !tileRows.isEmpty else { return }
    let tileColumns = (width + outputTile - 1) / outputTile
    let inputPlanes = workspace.pointer
    let outputPlanes = inputPlanes + planeCount * inputStride
    let functions = kernels.functions.pointee
    let transformInput = outputTile == 4 ? functions.winograd4_input : functions.winograd6_input
    let transformOutput = outputTile == 4 ? functions.winograd4_output : functions.winograd6_output

    // Strips of equal length: a short last one would read all the weights for a few tiles.
    let tileCount = tileRows.count * tileColumns
    let stripCount = (tileCount + tilesPerStrip - 1) / tilesPerStrip
    for strip in 0..<stripCount {
      let first = tileCount * strip / stripCount
      let count = tileCount * (strip + 1) / stripCount - first
      let tiles = affectd_tiles(
        height: Int32(height), width: Int32(width), tiles_per_row: Int32(tileColumns),
        first_tile: Int32(tileRows.lowerBound * tileColumns + first), tile_count: Int32(count))
      transformInput!(tiles, image, Int32(inputs), inputPlanes, inputStride)
      for column in stride(from: 0, to: outputs, by: outputBlock) {
        let block = column..<min(column + outputBlock, outputs)
        for plane in 0..<planeCount {
          planes[plane].multiply(
            inputPlanes + plane * inputStride, stride: inputs, rows: count, columns: block,
            into: outputPlanes + plane * outputStride, stride: block.count)
        }
        bias.withUnsafeBufferPointer { bias in
          transformOutput!(
            tiles, outputPlanes, outputStride, Int32(block.count), bias.baseAddress! + column,  // never empty
            rectifies ? 1 : 0, pools ? 1 : 0, output, Int32(outputs), Int32(column))
        }
      }
    }
  }
}

extension WinogradConvolution {
  /// Shape of the output for an image `[height × width × inputs]`.
  package func outputShape(for shape: [Int]) -> [Int] {
    let step = pools ? 2 : 1
    return [shape[0] / step, shape[1] / step, outputs]
  }

  /// The same over tensors, for tests and small uses: takes its workspace anew.
  package func apply(to image: Tensor) -> Tensor {
    var output = Tensor(zeros: outputShape(for: image.shape))
    let workspace = AlignedBuffer(count: workspaceCount)
    image.values.withUnsafeBufferPointer { pixels in
      output.values.withUnsafeMutableBufferPointer { output in
        guard let from = pixels.baseAddress, let to = output.baseAddress else { return }
        apply(to: from, height: image.shape[0], width: image.shape[1], into: to, workspace: workspace)
      }
    }
    return output
  }
}
