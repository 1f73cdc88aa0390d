import FastKernels
import NeuralNetwork

/// Single kernels, on sizes that the networks use. The values do not matter.
extension Benchmark {
  /// A strip of tiles in OpenL3's last layer: 48 × 512 times 512 × 512.
  static func multiply() -> Benchmark {
    let (rows, size) = (48, 512)
    let matrix = PackedMatrix(depth: size, columns: size, kernels: .standard) { Float(($0 + $1) % 7) - 3 }
    let left = AlignedBuffer(count: rows * size)
    let product = AlignedBuffer(count: rows * matrix.paddedColumns)
    return Benchmark(run: {
      matrix.multiply(left, at: 0, stride: size, rows: rows, depths: 0..<size, into: product)
    })
  }

  /// OpenL3's fourth layer: 128 × 99 pixels, 128 channels to 128, with ReLU and pooling.
  static func winograd(outputTile: Int) -> Benchmark {
    let convolution = WinogradConvolution(
      convolution(inputs: 128, outputs: 128), outputTile: outputTile, rectifies: true, pools: true)
    let image = Tensor(zeros: [128, 99, 128])
    return Benchmark(run: { _ = convolution.apply(to: image) })
  }

  /// OpenL3's first layer: 256 × 199 pixels, one channel to 64, with ReLU.
  static func oneChannel() -> Benchmark {
    let convolution = OneChannelConvolution(convolution(inputs: 1, outputs: 64), rectifies: true)
    let image = Tensor(zeros: [256, 199, 1])
    return Benchmark(run: { _ = convolution.apply(to: image) })
  }

  private static func convolution(inputs: Int, outputs: Int) -> Convolution {
    let values = (0..<9 * inputs * outputs).map { Float($0 % 7) - 3 }
    return Convolution(
      kernel: Tensor(shape: [3, 3, inputs, outputs], values: values), bias: Array(repeating: 0, count: outputs),
      padding: .one)
  }
}
