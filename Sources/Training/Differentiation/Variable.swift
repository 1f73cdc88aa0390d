/// A tensor that remembers how it was computed, so that the gradient of a loss can be propagated back to what it was
/// computed from (reverse-mode differentiation: Baydin et al., "Automatic differentiation in machine learning: a
/// survey", 2018).
///
/// A variable that nothing with a gradient went into remembers nothing: computations with constants alone, or with
/// frozen parameters, cost no more than their values. A graph belongs to one thread at a time.
public final class Variable<Scalar: TrainingScalar> {
  /// To be changed in place in leaves only, between a ``backward()`` and the next computation.
  public var value: DenseTensor<Scalar>

  /// The gradient of the loss, of the shape of the value. Leaves keep it and add up what several ``backward()`` bring;
  /// nil means that there was none.
  public internal(set) var gradient: DenseTensor<Scalar>?

  /// Whether ``backward()`` computes a gradient. May be changed in leaves: a leaf without is a constant for all that is
  /// computed from it from then on.
  public var needsGradient: Bool {
    willSet { precondition(isLeaf, "only a leaf can be frozen") }
  }

  private var state: State
  /// Longest way to a leaf: each node lies above all that it was computed from.
  private let height: Int

  /// Parents and ways back hold the graph together until it is walked.
  private enum State {
    case leaf
    case computed(from: [Variable], pullback: Pullback)
    /// The gradient went through; parents and memory are released.
    case walked
  }

  /// Adds to the gradients of the parents what the gradient of the result makes of them. It refers to no other
  /// variables than the parents.
  typealias Pullback = (_ gradient: DenseTensor<Scalar>) -> Void

  /// A leaf: a constant, or with `needsGradient` what is to be trained.
  public init(_ value: DenseTensor<Scalar>, needsGradient: Bool = false) {
    self.value = value
    self.needsGradient = needsGradient
    state = .leaf
    height = 0
  }

  /// The result of an operation on `parents`.
  init(_ value: DenseTensor<Scalar>, from parents: [Variable], pullback: @escaping Pullback) {
    self.value = value
    let recorded = parents.filter(\.needsGradient)
    needsGradient = !recorded.isEmpty
    state = recorded.isEmpty ? .leaf : .computed(from: recorded, pullback: pullback)
    height = (recorded.map(\.height).max() ?? -1) + 1
  }

  public var shape: [Int] { value.shape }

  /// The same value as a constant: no gradient goes further back.
  public func detached() -> Variable { Variable(value) }

  private var isLeaf: Bool {
    if case .leaf = state { true } else { false }
  }

  // A long chain must not be released by a recursion as deep.
  deinit {
    guard case .computed(var pending, _) = state else { return }
    state = .walked
    while var node = pending.popLast() {
      guard isKnownUniquelyReferenced(&node), case .computed(let parents, _) = node.state else { continue }
      pending += parents
      node.state = .walked
    }
  }
}

extension Variable {
  /// Computes the gradients of this single number, a loss, and adds them to those of the leaves that it depends on.
  /// The graph is released on the way: it can be walked once.
  public func backward() {
    precondition(value.count == 1, "a gradient starts from a single number, not from \(shape)")
    guard needsGradient else { return }
    gradient = DenseTensor(repeating: 1, shape: shape)
    var nodes = computedNodes()
    // By height, so that a node's gradient is complete before it is passed on.
    nodes.sort { $0.height < $1.height }
    while let node = nodes.popLast() {
      guard case .computed(_, let pullback) = node.state else { continue }
      node.state = .walked
      guard let gradient = node.gradient else { continue }
      node.gradient = nil
      pullback(gradient)
    }
  }

  private func computedNodes() -> [Variable] {
    var found: [Variable] = []
    var seen: Set<ObjectIdentifier> = []
    var pending = [self]
    while let node = pending.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      switch node.state {
      case .leaf: break
      case .walked: preconditionFailure("the gradient already went through this graph")
      case .computed(let parents, _):
        found.append(node)
        pending += parents
      }
    }
    return found
  }

  /// Adds to the gradient, if there is to be one.
  func accumulate(_ part: @autoclosure () -> DenseTensor<Scalar>) {
    guard needsGradient else { return }
    if gradient == nil {
      gradient = part()
    } else {
      gradient!.add(part())  // just tested
    }
  }

  /// Lets `body` add to the gradient in place, if there is to be one.
  func withGradient(_ body: (UnsafeMutablePointer<Scalar>) -> Void) {
    guard needsGradient else { return }
    if gradient == nil { gradient = DenseTensor(zeros: shape) }
    gradient!.withMutablePointer(body)  // just made
  }
}
