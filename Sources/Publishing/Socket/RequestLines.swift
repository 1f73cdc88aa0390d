/// Cuts what a client sends into lines. Of a line that is too long only so much is kept that its reader sees that it is.
package struct RequestLines: Sendable {
  let limit: Int
  private var pending: [UInt8] = []

  package init(limit: Int) {
    self.limit = limit
  }

  /// Takes `bytes` and returns the lines that they complete, without their line feeds.
  package mutating func take(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        lines.append(pending)
        pending.removeAll(keepingCapacity: true)
      } else if pending.count <= limit {
        pending.append(byte)
      }
    }
    return lines
  }
}
