package import NeuralNetwork
package import Platform

/// A network of a model file that is a sum, of which it can be told what each input contributes.
package struct AdditiveMember: Sendable {
  package let reading: ModelInput
  package let form: Form

  package enum Form: Sendable {
    /// `[2 × inputs]`
    case linear(Dense)
    case trees(TreeEnsemble)
  }

  package init(reading: ModelInput, form: Form) {
    self.reading = reading
    self.form = form
  }
}

extension EmotionModelFile {
  /// The members of the model in `file`.
  ///
  /// - Throws: ``Failure`` if the file is no emotion model, belongs to another embedding, or is of a kind that is no sum.
  package static func additiveMembers(
    _ file: SafetensorsFile, embedding identifier: String, dimension: Int
  ) throws(Failure) -> [AdditiveMember] {
    try EmotionModelReader(file, embedding: identifier).additiveMembers(dimension: dimension)
  }
}
