/// Ridge regression: the output layer reads the normalised embedding itself.
struct RidgeRegression: LiveNetwork {
  let featureCount: Int

  init(inputCount: Int) {
    featureCount = inputCount
  }

  mutating func advance(_ input: [Float], _ state: inout LiveState, into features: inout [Float]) {
    for index in features.indices { features[index] = input[index] }
  }
}
