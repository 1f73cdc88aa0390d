internal import Glibc
package import NeuralNetwork
internal import Platform

/// Decision trees whose leaves are summed (Breiman and others, "Classification and regression trees", 1984): a forest or a
/// boosted ensemble. The output layer adds where they begin.
package struct TreeEnsemble: LiveNetwork, Sendable, Equatable {
  /// Which input a node asks for.
  package private(set) var feature: [Int32] = []
  /// An input up to it goes left, a larger one right.
  package private(set) var threshold: [Float] = []
  /// The left child, whose neighbour is the right one; -1 for a leaf.
  package private(set) var left: [Int32] = []
  /// Of the leaves; 0 of the others. `[nodes × outputs]`
  package private(set) var value: [Float] = []
  /// How much of the training samples came by.
  package private(set) var cover: [Float] = []
  package private(set) var roots: [Int32] = []
  /// 2 for valence and arousal, 4 for quadrants.
  package let outputCount: Int
  /// Whether the sums are shares of which the output layer wants the logarithms.
  package let givesShares: Bool

  package var featureCount: Int { outputCount }
  package var nodeCount: Int { feature.count }

  package static let nodeLimit = 1 << 22
  package static let depthLimit = 32
  private static let treeLimit = 1 << 16

  package init(outputCount: Int, givesShares: Bool = false) {
    self.outputCount = outputCount
    self.givesShares = givesShares
  }

  /// Adds the root of a new tree, a leaf as yet.
  package mutating func addTree(cover: Float) {
    roots.append(Int32(nodeCount))
    addLeaf(cover: cover)
  }

  private mutating func addLeaf(cover: Float) {
    feature.append(0)
    threshold.append(0)
    left.append(-1)
    self.cover.append(cover)
    value.append(contentsOf: repeatElement(0, count: outputCount))
  }

  /// Makes two leaves of a leaf.
  ///
  /// - Returns: the left one.
  package mutating func split(
    _ node: Int, feature: Int, threshold: Float, covers: (left: Float, right: Float)
  ) -> Int {
    precondition(left[node] < 0)
    let child = nodeCount
    self.feature[node] = Int32(feature)
    self.threshold[node] = threshold
    left[node] = Int32(child)
    for output in 0..<outputCount { value[node * outputCount + output] = 0 }
    addLeaf(cover: covers.left)
    addLeaf(cover: covers.right)
    return child
  }

  package mutating func set(_ value: Float, of leaf: Int, output: Int) {
    self.value[leaf * outputCount + output] = value
  }

  /// - Throws: ``Failure`` if a tensor is missing or is not what it should be.
  init(_ tensors: ModelTensors, inputCount: Int, outputCount: Int, givesShares: Bool) throws(Failure) {
    self.outputCount = outputCount
    self.givesShares = givesShares
    let count = try tensors.dimension(
      0, of: "trees.feature", expecting: "[nodes]", rank: 1, limit: Self.nodeLimit)
    func integers(_ name: String, _ count: Int, _ range: Range<Int>) throws(Failure) -> [Int32] {
      let values = try tensors.vector(name, count).map { Int(exactly: $0) ?? Int.min }
      guard values.allSatisfy(range.contains) else {
        throw tensors.problem(
          "tensor '\(tensors.prefix)\(name)' holds other than whole numbers from \(range.lowerBound) to "
            + "\(range.upperBound - 1)")
      }
      return values.map { Int32($0) }
    }
    feature = try integers("trees.feature", count, 0..<inputCount)
    threshold = try tensors.vector("trees.threshold", count)
    left = try integers("trees.left", count, -1..<count - 1)
    value = try tensors.tensor("trees.value", [count, outputCount]).values
    cover = try tensors.vector("trees.cover", count)
    roots = try tensors.indices("trees.roots", below: count, limit: Self.treeLimit, expecting: "[trees]")
      .map { Int32($0) }
    try check(tensors)
  }

  /// Children come after their parents, so that every way ends; and it ends soon.
  private func check(_ tensors: ModelTensors) throws(Failure) {
    var depth = [Int](repeating: 0, count: nodeCount)
    for node in 0..<nodeCount where left[node] >= 0 {
      let child = Int(left[node])
      guard child > node, depth[node] < Self.depthLimit else {
        throw tensors.problem(
          "tensor '\(tensors.prefix)trees.left' leads back, or through more than \(Self.depthLimit) nodes, at node "
            + "\(node)")
      }
      for index in child...child + 1 { depth[index] = max(depth[index], depth[node] + 1) }
    }
    guard cover.allSatisfy({ $0 > 0 }) else {
      throw tensors.problem("tensor '\(tensors.prefix)trees.cover' holds values that are not above 0")
    }
  }

  /// The tensors of a model file.
  package var tensors: [(name: String, tensor: Tensor)] {
    func vector(_ values: [Float]) -> Tensor { Tensor(shape: [values.count], values: values) }
    return [
      ("trees.feature", vector(feature.map { Float($0) })), ("trees.threshold", vector(threshold)),
      ("trees.left", vector(left.map { Float($0) })),
      ("trees.value", Tensor(shape: [nodeCount, outputCount], values: value)),
      ("trees.cover", vector(cover)), ("trees.roots", vector(roots.map { Float($0) })),
    ]
  }

  /// The leaf that an input comes to.
  package func leaf(of input: ArraySlice<Float>, from root: Int) -> Int {
    let start = input.startIndex
    var node = root
    while left[node] >= 0 {
      node = Int(left[node]) + (input[start + Int(feature[node])] <= threshold[node] ? 0 : 1)
    }
    return node
  }

  /// The sums of the leaves, `[outputs]`, as they are.
  package func sums(of input: [Float]) -> [Double] {
    var sums = [Double](repeating: 0, count: outputCount)
    for root in roots {
      let leaf = leaf(of: input[...], from: Int(root))
      for output in 0..<outputCount { sums[output] += Double(value[leaf * outputCount + output]) }
    }
    return sums
  }

  /// What the output layer reads of an input, `[outputs]`.
  package func features(of input: [Float]) -> [Float] {
    sums(of: input).map { givesShares ? Float(log(max($0, 1e-4))) : Float($0) }
  }

  package mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    var sums = SIMD4<Double>.zero
    for root in roots {
      let leaf = leaf(of: input[...], from: Int(root))
      for output in 0..<outputCount { sums[output] += Double(value[leaf * outputCount + output]) }
    }
    for output in features.indices {
      features[output] = Float(givesShares ? log(max(sums[output], 1e-4)) : sums[output])
    }
  }
}
