public import EmotionModel
public import Platform

/// What a convolutional network is made of: see ``EmotionModelKind/cnn``.
public struct ConvolutionSettings: Sendable, Equatable {
  /// Of each block, all of which halve frames and bands.
  public var channels: [Int]
  /// Squeeze-and-excitation in each block, with so many channels to a number in between; nil for none.
  public var gateRatio: Int?
  public var head: ConvolutionHead
  /// States of the recurrent units, and channels of the convolution over all places.
  public var headWidth = 64
  /// Units of the dense layer before the outputs.
  public var hiddenSize = 128

  public init(channels: [Int] = [16, 32, 64], gateRatio: Int? = nil, head: ConvolutionHead = .flatten) {
    precondition(!channels.isEmpty)
    (self.channels, self.gateRatio, self.head) = (channels, gateRatio, head)
  }

  /// Whether something is left of an input of this shape after all blocks.
  func fits(_ shape: [Int]) -> Bool {
    shape.count == 2 && shape.allSatisfy { $0 >> channels.count > 0 }
  }

  /// - Parameters:
  ///   - shape: of the values that are heard at a moment.
  ///   - selection: of them; nil for all.
  /// - Throws: ``Failure`` if such a network cannot read them.
  public func check(_ shape: [Int], selection: InputSelection?) throws(Failure) {
    guard selection == nil else {
      throw Failure(.usage, "a convolutional network reads whole images: leave out --select")
    }
    guard shape.count == 2 else {
      throw Failure(
        .usage,
        "a convolutional network reads frames of bands, which this input does not have: take another one, such as logmel"
      )
    }
    guard fits(shape) else {
      throw Failure(
        .usage, "\(channels.count) blocks leave nothing of \(shape[0]) frames of \(shape[1]) bands: take fewer of them")
    }
  }

  /// In words, for the model card.
  var summary: String {
    let gates = gateRatio.map { ", squeeze-and-excitation by \($0)" } ?? ""
    return "channels \(channels.map { "\($0)" }.joined(separator: " ")), \(head.rawValue)\(gates)"
  }
}
