/// The vectors of the frames in a window that moves through a stream: each frame is computed once, whatever the windows are
/// that it lies in.
public struct FrameRing: Sendable {
  /// Values of a frame.
  public let width: Int
  /// The frames that are there, by their number in the stream.
  public private(set) var frames = 0..<0
  /// `[frames × width]`, oldest first.
  private var values: [Float] = []

  public init(width: Int) {
    self.width = width
  }

  /// Says that the frames from now on are those of another stream.
  public mutating func restart() {
    frames = 0..<0
    values.removeAll(keepingCapacity: true)
  }

  /// Goes on to the window of the frames `wanted`.
  ///
  /// - Parameter compute: computes the frames that are not there yet, `[frames × width]`, into the values from a place on.
  public mutating func move(
    to wanted: Range<Int>, compute: (_ frames: Range<Int>, _ values: inout [Float], _ place: Int) -> Void
  ) {
    if wanted.lowerBound < frames.lowerBound || wanted.lowerBound > frames.upperBound {
      restart()
    } else {
      values.removeFirst((wanted.lowerBound - frames.lowerBound) * width)
    }
    let first = wanted.lowerBound + values.count / width
    if first < wanted.upperBound {
      let place = values.count
      values.append(contentsOf: repeatElement(0, count: (wanted.upperBound - first) * width))
      compute(first..<wanted.upperBound, &values, place)
    } else {
      values.removeLast((first - wanted.upperBound) * width)
    }
    frames = wanted
  }

  /// A value of the frame `row`, counted from the oldest.
  public subscript(row: Int, column: Int) -> Float { values[row * width + column] }

  /// Calls `body` with the values of the frame `row`, counted from the oldest.
  public func withFrame(_ row: Int, _ body: (ArraySlice<Float>) -> Void) {
    body(values[row * width..<(row + 1) * width])
  }

  /// The largest value of some columns of all frames.
  public func maximum(ofColumns columns: Range<Int>) -> Float {
    var largest = -Float.infinity
    let values = values.span
    for row in 0..<frames.count {
      let row = values.extracting(row * width + columns.lowerBound..<row * width + columns.upperBound)
      for column in row.indices where row[column] > largest { largest = row[column] }
    }
    return largest
  }
}
