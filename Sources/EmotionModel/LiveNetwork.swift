/// A network that follows a stream: it takes one step after the other and remembers a bounded amount. It gives the
/// features that the output layer reads.
///
/// What it remembers is apart from it, so that it can follow several streams.
package protocol LiveNetwork {
  var featureCount: Int { get }
  /// Lengths of the arrays that are remembered from step to step.
  var stateLengths: [Int] { get }

  /// Takes the next step.
  ///
  /// - Parameters:
  ///   - input: a normalised embedding.
  ///   - state: of this stream, with arrays of ``stateLengths``.
  ///   - features: `[featureCount]`, overwritten.
  mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float])
}

extension LiveNetwork {
  package var stateLengths: [Int] { [] }
}

/// No network at all: the output layer reads the normalised embedding itself, as in ridge regression.
struct IdentityNetwork: LiveNetwork {
  let featureCount: Int

  mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    for index in features.indices { features[index] = input[index] }
  }
}

/// What a network remembers of a stream.
package struct LiveState {
  var values: [[Float]]
  /// Steps that it has taken.
  var steps = 0

  package init(lengths: [Int]) {
    values = lengths.map { Array(repeating: 0, count: $0) }
  }

  /// Forgets the steps before. All memory is written to: none needs to be copied later.
  mutating func restart() {
    steps = 0
    for array in values.indices {
      for index in values[array].indices { values[array][index] = 0 }
    }
  }
}
