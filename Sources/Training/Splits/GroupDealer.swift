/// Deals groups that must stay whole to parts.
enum GroupDealer {
  /// The part of each group. The largest are dealt first, those of one size in random order, each to the part that
  /// lacks most of its share: so the small ones, dealt last, make up for the large.
  ///
  /// - Parameters:
  ///   - sizes: of the groups.
  ///   - shares: of the parts, relative to each other.
  static func deal(_ sizes: [Int], shares: [Double], _ generator: inout SeededGenerator) -> [Int] {
    let shareSum = shares.reduce(0, +)
    precondition(shareSum > 0 && shareSum.isFinite && shares.allSatisfy { $0 >= 0 })
    let total = Double(sizes.reduce(0, +))
    var missing = shares.map { $0 / shareSum * total }
    let takers = shares.indices.filter { shares[$0] > 0 }
    var counts = [Int](repeating: 0, count: shares.count)
    var parts = [Int](repeating: 0, count: sizes.count)
    // The place in the shuffled order settles ties: the library's sort does not promise to keep it.
    let shuffled = sizes.indices.shuffled(using: &generator).enumerated()
    for (_, group) in shuffled.sorted(by: { (-sizes[$0.element], $0.offset) < (-sizes[$1.element], $1.offset) }) {
      let part = takers.max { missing[$0] < missing[$1] } ?? 0
      parts[group] = part
      counts[part] += 1
      missing[part] -= Double(sizes[group])
    }
    fillEmptyParts(&parts, &counts, sizes, shares)
    return parts
  }

  /// Gives each part that is empty, though it has a share, the smallest group of the part with the most groups.
  private static func fillEmptyParts(_ parts: inout [Int], _ counts: inout [Int], _ sizes: [Int], _ shares: [Double]) {
    for part in shares.indices where shares[part] > 0 && counts[part] == 0 {
      guard let donor = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[donor] > 1,
        let group = parts.indices.filter({ parts[$0] == donor }).min(by: { sizes[$0] < sizes[$1] })
      else { return }
      parts[group] = part
      counts[donor] -= 1
      counts[part] += 1
    }
  }
}
