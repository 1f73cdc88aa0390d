/// Pearson's r of two lists of the same length.
public func correlation(_ left: [Float], _ right: [Float]) -> Float {
  precondition(left.count == right.count && !left.isEmpty)
  let count = Double(left.count)
  let leftMean = left.reduce(0) { $0 + Double($1) } / count
  let rightMean = right.reduce(0) { $0 + Double($1) } / count
  var (product, leftSquares, rightSquares) = (0.0, 0.0, 0.0)
  for (leftValue, rightValue) in zip(left, right) {
    let (a, b) = (Double(leftValue) - leftMean, Double(rightValue) - rightMean)
    product += a * b
    leftSquares += a * a
    rightSquares += b * b
  }
  return Float(product / (leftSquares * rightSquares).squareRoot())
}
