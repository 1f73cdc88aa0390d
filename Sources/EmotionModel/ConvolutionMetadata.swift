/// Keys of the metadata of a model file with a convolutional network.
package enum ConvolutionMetadata {
  /// Frames and bands of the image that it reads.
  package static let inputShape = "input_shape"
  /// A ``ConvolutionHead``.
  package static let head = "head"
}
