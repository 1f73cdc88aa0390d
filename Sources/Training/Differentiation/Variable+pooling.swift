extension Variable {
  /// The largest values in windows of `window` steps, stride the same; what is left over at the end is dropped.
  /// `[batch × time × channels]` becomes `[batch × (time / window) × channels]`. The gradient goes to the largest, the
  /// first of equal ones.
  public func maximumPooled(_ window: Int) -> Variable {
    inWindows(axis: 1, window).maximum(axis: 2)
  }

  /// The means in windows of `window` steps, like ``maximumPooled(_:)``.
  public func meanPooled(_ window: Int) -> Variable {
    inWindows(axis: 1, window).mean(axis: 2)
  }

  /// The largest values in blocks of `height` × `width`, stride the same; what is left over at the bottom and on the
  /// right is dropped. `[batch × height × width × channels]` becomes
  /// `[batch × (height / block height) × (width / block width) × channels]`. The gradient goes to the largest, the
  /// first of equal ones.
  public func maximumPooled(height: Int, width: Int) -> Variable {
    inBlocks(height: height, width: width).maximum(axis: 3)
  }

  /// The means in blocks, like ``maximumPooled(height:width:)``.
  public func meanPooled(height: Int, width: Int) -> Variable {
    inBlocks(height: height, width: width).mean(axis: 3)
  }

  /// Cuts `axis` into windows: it becomes two, windows and steps in the window.
  private func inWindows(axis: Int, _ window: Int) -> Variable {
    let count = shape[axis] / window
    precondition(count > 0, "a window of \(window) does not fit into \(shape)")
    let whole = count * window == shape[axis] ? self : slice(axis: axis, 0..<count * window)
    return whole.reshaped(shape[..<axis] + [count, window] + shape[(axis + 1)...])
  }

  /// `[batch × rows of blocks × columns of blocks × values of a block × channels]`
  private func inBlocks(height: Int, width: Int) -> Variable {
    precondition(shape.count == 4)
    let blocks = inWindows(axis: 1, height).inWindows(axis: 3, width).transposed(2, 3)
    let shape = blocks.shape
    return blocks.reshaped([shape[0], shape[1], shape[2], height * width, shape[5]])
  }
}
