extension Tensor {
  /// The largest value of each channel over the whole width: `[height × width × channels]` into
  /// `[height × channels]`, written into the channels from `channelOffset` on of `output` `[height × more channels]`.
  public func maximumOverWidth(into output: inout Tensor, channelOffset: Int = 0) {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let outChannels = output.channels
    precondition(output.shape[0] == height && channelOffset + channels <= outChannels)
    values.withUnsafeBufferPointer { input in
      output.values.withUnsafeMutableBufferPointer { output in
        for row in 0..<height {
          let target = output.baseAddress! + row * outChannels + channelOffset  // shapes are not empty
          let source = input.baseAddress! + row * width * channels
          target.update(from: source, count: channels)
          for column in 1..<max(1, width) {
            for channel in 0..<channels {
              let value = source[column * channels + channel]
              target[channel] = value > target[channel] ? value : target[channel]
            }
          }
        }
      }
    }
  }

  /// The largest value in each block of `blockHeight` × `blockWidth`, stride the same; what is left over at the
  /// bottom and on the right is dropped. `[height × width × channels]` into
  /// `[height / blockHeight × width / blockWidth × channels]`.
  public func maximumOverBlocks(height blockHeight: Int, width blockWidth: Int, into output: inout Tensor) {
    let (width, channels) = (shape[1], shape[2])
    let (outHeight, outWidth) = (shape[0] / blockHeight, width / blockWidth)
    precondition(output.shape == [outHeight, outWidth, channels])
    values.withUnsafeBufferPointer { input in
      output.values.withUnsafeMutableBufferPointer { output in
        for row in 0..<outHeight {
          for column in 0..<outWidth {
            let target = output.baseAddress! + (row * outWidth + column) * channels  // shapes are not empty
            target.update(repeating: -.infinity, count: channels)
            for inputRow in row * blockHeight..<(row + 1) * blockHeight {
              for inputColumn in column * blockWidth..<(column + 1) * blockWidth {
                let source = input.baseAddress! + (inputRow * width + inputColumn) * channels
                for channel in 0..<channels {
                  target[channel] = source[channel] > target[channel] ? source[channel] : target[channel]
                }
              }
            }
          }
        }
      }
    }
  }
}
