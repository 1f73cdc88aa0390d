internal import Embedding
internal import Platform
internal import ShippedModels

extension PipelineSettings {
  /// Where the weights of the embedding network lie.
  ///
  /// - Throws: ``Failure`` for OpenL3 without weights, which do not come with affectd.
  public func weightsPath() throws -> String {
    switch embedding {
    case .musiCNN: return try weights ?? ShippedModel.musiCNN.locate()
    case .openL3:
      guard let weights else {
        throw Failure(
          .usage,
          "OpenL3 needs --weights FILE: its weights do not come with affectd. tools/convert_openl3.py makes such a "
            + "file from the published ones")
      }
      return weights
    }
  }
}
