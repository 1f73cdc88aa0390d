internal import Glibc

/// Memory for single-precision numbers, zero at first, that begins at a cache line. Large ones ask for huge pages: the
/// planes of a Winograd transform lie far apart, and would each need a page entry of their own.
///
/// `@unchecked Sendable`: packed weights are not written once they are shared; a workspace has one user at a time, whose
/// threads write to places of their own.
package final class AlignedBuffer: @unchecked Sendable {  // see above: one user, or none that writes
  package let count: Int
  package let pointer: UnsafeMutablePointer<Float>

  private static let cacheLine = 64
  private static let hugePage = 1 << 21

  package init(count: Int) {
    self.count = count
    let bytes = max(1, count) * MemoryLayout<Float>.stride
    let isLarge = bytes >= Self.hugePage
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? Self.hugePage : Self.cacheLine)
    if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
    pointer = memory.bindMemory(to: Float.self, capacity: max(1, count))
    pointer.initialize(repeating: 0, count: max(1, count))
  }

  deinit { pointer.deallocate() }

  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    copy(values[...], to: 0)
  }

  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count)
      return pointer[index]
    }
    set {
      precondition(index >= 0 && index < count)
      pointer[index] = newValue
    }
  }

  /// Takes over the numbers of `other`, which has as many.
  package func copy(_ other: AlignedBuffer) {
    precondition(other.count == count)
    pointer.update(from: other.pointer, count: count)
  }

  /// Writes `values` from `offset` on.
  package func copy(_ values: ArraySlice<Float>, to offset: Int) {
    precondition(offset >= 0 && offset + values.count <= count)
    values.withUnsafeBufferPointer { values in
      guard let source = values.baseAddress else { return }
      (pointer + offset).update(from: source, count: values.count)
    }
  }

  /// Takes over `count` numbers of `other`, from `source` on, to the places from `target` on.
  package func copy(_ other: AlignedBuffer, from source: Int, to target: Int, count copied: Int) {
    precondition(
      source >= 0 && copied >= 0 && source + copied <= other.count && target >= 0 && target + copied <= count)
    (pointer + target).update(from: other.pointer + source, count: copied)
  }

  /// Moves `count` numbers to another place, which may overlap with theirs.
  package func move(from source: Int, to target: Int, count moved: Int) {
    precondition(source >= 0 && target >= 0 && moved >= 0 && max(source, target) + moved <= count)
    (pointer + target).update(from: pointer + source, count: moved)
  }

  /// Adds the numbers of `other`, which has as many.
  package func add(_ other: AlignedBuffer) {
    precondition(other.count == count)
    for index in 0..<count { pointer[index] += other.pointer[index] }
  }

  /// Moves everything `distance` places towards the front; what is left behind keeps its old values.
  package func shift(by distance: Int) {
    precondition(distance >= 0 && distance <= count)
    pointer.update(from: pointer + distance, count: count - distance)
  }
}
