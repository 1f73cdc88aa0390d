internal import NeuralNetwork
public import Platform

/// Writes emotion models for tests: the right shapes, random weights.
public enum EmotionModelWriter {
  public static func write(embedding: String, dimension: Int, to path: String) throws(Failure) {
    var generator = SeededGenerator(seed: 1)
    func random(_ shape: [Int]) -> Tensor {
      let count = shape.reduce(1, *)
      return Tensor(shape: shape, values: (0..<count).map { _ in Float.random(in: -0.05...0.05, using: &generator) })
    }
    var tensors: [(name: String, tensor: Tensor)] = [
      ("normalisation.mean", random([dimension])),
      ("normalisation.scale", Tensor(shape: [dimension], values: Array(repeating: 1, count: dimension))),
    ]
    for (index, sizes) in [(256, dimension), (128, 256), (2, 128)].enumerated() {
      tensors.append(("layers.\(index).weight", random([sizes.0, sizes.1])))
      tensors.append(("layers.\(index).bias", random([sizes.0])))
    }
    try SafetensorsWriter.write(
      tensors, metadata: ["model": "mlp", "embedding": embedding, "range": "-1..1"], to: path)
  }
}
