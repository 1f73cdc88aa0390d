import FastKernels
import NeuralNetwork
import Platform
import TestSupport
import Testing

/// Each fast kernel against its plain version, on every instruction set that this machine has.
@Suite struct KernelTests {
  private static let seeds = Array(0..<12)

  private struct Random {
    var generator: SeededGenerator

    init(_ seed: Int) { generator = SeededGenerator(seed: UInt64(seed)) }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    mutating func floats(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }
  }

  @Test func thisMachineRunsAtLeastThePortableKernels() {
    #expect(Kernels.available.last?.name == "portable")
    #expect(Kernels.available.contains { $0.name == Kernels.standard.name })
  }

  @Test(arguments: seeds)
  func matrixProductsAreThoseOfTheDefinition(seed: Int) {
    for kernels in Kernels.available {
      var random = Random(seed)
      let (rows, depth, columns) = (random.int(1...40), random.int(1...70), random.int(1...80))
      let stride = random.int(1...(depth + 5))  // smaller than the depth: rows overlap
      let left = random.floats((rows - 1) * stride + depth + 3)
      let right = random.floats(depth * columns)
      let used = random.int(0...(depth - 1))..<depth
      let buffer = AlignedBuffer(count: left.count)
      buffer.copy(left[...], to: 0)
      let matrix = PackedMatrix(depth: depth, columns: columns, kernels: kernels) { right[$0 * columns + $1] }
      let product = AlignedBuffer(count: rows * matrix.paddedColumns)
      for index in 0..<product.count { product[index] = .nan }
      // Once for the value, and once more on top.
      for pass in 0..<2 {
        matrix.multiply(
          buffer, at: 3, stride: stride, rows: rows, depths: used, into: product, accumulating: pass == 1)
      }
      for row in 0..<rows {
        for column in 0..<columns {
          let sum = used.enumerated().reduce(0.0) {
            $0 + Double(left[3 + row * stride + $1.offset]) * Double(right[$1.element * columns + column])
          }
          let value = product[row * matrix.paddedColumns + column]
          #expect(abs(Double(value) - 2 * sum) < 1e-4, "\(kernels.name)")
        }
        for column in columns..<matrix.paddedColumns { #expect(product[row * matrix.paddedColumns + column] == 0) }
      }
      // Every row as wide as it is, and from the second on; what lies before and behind the places stays.
      let width = matrix.paddedColumns
      let pooled = (AlignedBuffer(count: width + 2), AlignedBuffer(count: width + 2))
      for index in 0..<pooled.0.count { (pooled.0[index], pooled.1[index]) = (.nan, .nan) }
      let first = rows > 1 ? 1 : 0
      kernels.pool(
        product, at: first * width, rows: rows - first, columns: width, maxima: pooled.0, sums: pooled.1, target: 1)
      for column in 0..<width {
        let values = (first..<rows).map { product[$0 * width + column] }
        #expect(pooled.0[1 + column] == values.max())
        #expect(pooled.1[1 + column] == values.dropFirst().reduce(values[0], +))
      }
      #expect(pooled.0[0].isNaN && pooled.1[0].isNaN && pooled.0[width + 1].isNaN && pooled.1[width + 1].isNaN)
    }
  }

  @Test(arguments: seeds)
  func productsWithTheirRowsMaximaAreThoseOfTheDefinition(seed: Int) {
    for kernels in Kernels.available {
      var random = Random(seed)
      let (rows, depth, panels) = (random.int(1...60), random.int(1...40), random.int(1...4))
      let (width, stride) = (kernels.panelWidth, depth + random.int(0...5))
      let columns = panels * width
      let (left, right) = (random.floats(rows * stride + 2), random.floats(panels * depth * width + 5))
      let (leftBuffer, rightBuffer) = (AlignedBuffer(count: left.count), AlignedBuffer(count: right.count))
      leftBuffer.copy(left[...], to: 0)
      rightBuffer.copy(right[...], to: 0)
      let (product, maxima) = (AlignedBuffer(count: rows * columns + 1), AlignedBuffer(count: rows))
      for pass in 0..<2 {
        kernels.multiplyAndMaximum(
          leftBuffer, at: 2, stride: stride, rows: rows, rightBuffer, at: 5, panelStride: depth * width,
          columns: columns, depth: depth, into: product, at: 1, accumulating: pass == 1, maxima: maxima)
        for row in 0..<rows {
          for column in 0..<columns {
            var sum = 0.0
            for index in 0..<depth {
              let factor = right[5 + (column / width * depth + index) * width + column % width]
              sum += Double(left[2 + row * stride + index]) * Double(factor)
            }
            let value = product[1 + row * columns + column]
            #expect(abs(Double(value) - Double(pass + 1) * sum) < 1e-4, "\(kernels.name)")
          }
          #expect(maxima[row] == (0..<columns).map { product[1 + row * columns + $0] }.max())
        }
      }
    }
  }

  /// A filter of 7 frames × some bands over 10 frames × some bands, four frames at a time.
  @Test(arguments: seeds)
  func toomCookFiltersAreThoseOfTheDefinition(seed: Int) {
    let (time, bands) = (ToomCook.alongTime, ToomCook.alongBands)
    for kernels in Kernels.available {
      var random = Random(seed)
      let (positions, span) = (random.int(1...60), random.int(1...70))
      let (input, taps) = (random.floats(10 * (positions + span - 1)), random.floats(7 * span))
      func value(frame: Int, band: Int) -> Float {
        band < positions + span - 1 ? input[frame * (positions + span - 1) + band] : 0
      }
      let depth = (span + 2) / 3
      let length = (positions + 2) / 3 + depth - 1
      let planes = time.planes * bands.planes
      let inputs = AlignedBuffer(count: planes * length)
      // All channels of the panel but the last are zero.
      let weights = AlignedBuffer(count: planes * depth * kernels.panelWidth)
      for plane in 0..<planes {
        let (t, b) = (time.inputTransform[plane / bands.planes], bands.inputTransform[plane % bands.planes])
        for index in 0..<length {
          var sum = 0.0
          for (frame, x) in t.enumerated() {
            for (third, y) in b.enumerated() { sum += x * y * Double(value(frame: frame, band: 3 * index + third)) }
          }
          inputs[plane * length + index] = Float(sum)
        }
        let (g, h) = (time.tapTransform[plane / bands.planes], bands.tapTransform[plane % bands.planes])
        for index in 0..<depth {
          var sum = 0.0
          for (tap, x) in g.enumerated() {
            for (third, y) in h.enumerated() where 3 * index + third < span {
              sum += x * y * Double(taps[tap * span + 3 * index + third])
            }
          }
          weights[(plane * depth + index + 1) * kernels.panelWidth - 1] = Float(sum)
        }
      }
      let maxima = AlignedBuffer(count: 4 * kernels.panelWidth)
      kernels.toomCookMaximum(
        inputs, at: 0, length: length, weights: weights, at: 0, positions: positions, depth: depth,
        workspace: AlignedBuffer(count: kernels.toomCookWorkspace(positions: positions)), into: maxima, at: 0,
        stride: kernels.panelWidth)
      for row in 0..<4 {
        let sums = (0..<positions).map { position in
          var sum = 0.0
          for tap in 0..<7 {
            for band in 0..<span {
              sum += Double(taps[tap * span + band]) * Double(value(frame: row + tap, band: position + band))
            }
          }
          return sum
        }
        let expected = sums.max() ?? 0
        let scale = sums.map(abs).max() ?? 1
        let found = Double(maxima[(row + 1) * kernels.panelWidth - 1])
        #expect(abs(found - expected) < 2e-5 * max(1, scale), "\(kernels.name)")
        #expect(maxima[row * kernels.panelWidth] == 0)
      }
    }
  }

  /// The convolution, then ReLU and pooling, on the readable layers.
  private func plain(_ convolution: Convolution, _ image: Tensor, rectifies: Bool, pools: Bool) -> Tensor {
    var output = Tensor(zeros: convolution.outputShape(for: image.shape))
    var workspace: [Float] = []
    convolution.apply(to: image, into: &output, workspace: &workspace)
    if rectifies { output.rectify() }
    guard pools else { return output }
    var pooled = Tensor(zeros: [output.shape[0] / 2, output.shape[1] / 2, output.shape[2]])
    output.maximumOverBlocks(height: 2, width: 2, into: &pooled)
    return pooled
  }

  @Test(arguments: seeds)
  func winogradConvolutionsAreThoseOfTheDefinition(seed: Int) {
    for kernels in Kernels.available {
      for outputTile in [4, 6] {
        var random = Random(seed)
        // Single rows and columns, odd sizes, channels that fill no vector.
        let (height, width) = (random.int(1...30), random.int(1...30))
        let (inputs, outputs) = (random.int(1...40), random.int(1...40))
        let (rectifies, pools) = (random.int(0...1) == 1, random.int(0...1) == 1 && height > 1 && width > 1)
        let image = Tensor(shape: [height, width, inputs], values: random.floats(height * width * inputs))
        let convolution = Convolution(
          kernel: Tensor(shape: [3, 3, inputs, outputs], values: random.floats(9 * inputs * outputs)),
          bias: random.floats(outputs), padding: .one)
        let fast = WinogradConvolution(
          convolution, outputTile: outputTile, rectifies: rectifies, pools: pools, kernels: kernels)
        let result = fast.apply(to: image)
        let expected = plain(convolution, image, rectifies: rectifies, pools: pools)
        #expect(result.shape == expected.shape)
        let difference = Difference(result.values, expected.values).relativeToLargest
        #expect(difference < 2e-5, "\(kernels.name), m = \(outputTile), \(image.shape) to \(outputs): \(difference)")
      }
    }
  }

  @Test func winogradWorksInStripsAndBlocks() {
    // More tiles than a strip has and more channels than a block.
    for kernels in Kernels.available {
      for outputTile in [4, 6] {
        var random = Random(99)
        let image = Tensor(shape: [50, 61, 20], values: random.floats(50 * 61 * 20))
        let convolution = Convolution(
          kernel: Tensor(shape: [3, 3, 20, 150], values: random.floats(9 * 20 * 150)), bias: random.floats(150),
          padding: .one)
        let fast = WinogradConvolution(
          convolution, outputTile: outputTile, rectifies: false, pools: true, kernels: kernels)
        let expected = plain(convolution, image, rectifies: false, pools: true)
        #expect(Difference(fast.apply(to: image).values, expected.values).relativeToLargest < 2e-5)
      }
    }
  }

  @Test(arguments: [Float(1e-38), 1e-20, 1e15])
  func verySmallAndVeryLargeValuesKeepTheirPrecision(scale: Float) {
    for kernels in Kernels.available {
      var random = Random(5)
      let image = Tensor(shape: [9, 11, 17], values: random.floats(9 * 11 * 17).map { $0 * scale })
      let convolution = Convolution(
        kernel: Tensor(shape: [3, 3, 17, 19], values: random.floats(9 * 17 * 19)),
        bias: [Float](repeating: 0, count: 19), padding: .one)
      // Under 1.2e-38 a float loses digits; the transforms go a little below their input.
      let tolerance: Float = scale < 1e-37 ? 1e-4 : 2e-5
      for outputTile in [4, 6] {
        let fast = WinogradConvolution(
          convolution, outputTile: outputTile, rectifies: true, pools: false, kernels: kernels)
        let expected = plain(convolution, image, rectifies: true, pools: false)
        #expect(Difference(fast.apply(to: image).values, expected.values).relativeToLargest < tolerance)
      }
    }
  }

  @Test(arguments: seeds)
  func convolutionsOfOneChannelAreThoseOfTheDefinition(seed: Int) {
    for kernels in Kernels.available {
      var random = Random(seed)
      let (height, width, outputs) = (random.int(1...20), random.int(1...20), random.int(1...70))
      let rectifies = random.int(0...1) == 1
      let image = Tensor(shape: [height, width, 1], values: random.floats(height * width))
      let convolution = Convolution(
        kernel: Tensor(shape: [3, 3, 1, outputs], values: random.floats(9 * outputs)), bias: random.floats(outputs),
        padding: .one)
      let result = OneChannelConvolution(convolution, rectifies: rectifies, kernels: kernels).apply(to: image)
      let expected = plain(convolution, image, rectifies: rectifies, pools: false)
      #expect(Difference(result.values, expected.values).relativeToLargest < 1e-6)
    }
  }

  @Test func batchNormalizationFoldsIntoTheConvolutionBeforeIt() {
    var random = Random(3)
    let convolution = Convolution(
      kernel: Tensor(shape: [3, 3, 4, 5], values: random.floats(180)), bias: random.floats(5), padding: .one)
    let normalization = BatchNormalization(
      gamma: random.floats(5), beta: random.floats(5), mean: random.floats(5),
      variance: random.floats(5).map { abs($0) }, epsilon: 1e-3)
    let image = Tensor(shape: [7, 8, 4], values: random.floats(224))
    var expected = plain(convolution, image, rectifies: false, pools: false)
    normalization.apply(to: &expected)
    let folded = plain(convolution.followed(by: normalization), image, rectifies: false, pools: false)
    #expect(Difference(folded.values, expected.values).relativeToLargest < 1e-5)
  }
}
