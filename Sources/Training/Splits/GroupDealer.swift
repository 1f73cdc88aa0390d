internal import Platform

/// Deals groups that must stay whole to parts.
enum GroupDealer {
  /// The part of each group. The largest are dealt first, those of one size stratum by stratum and in random order, each
  /// to the part that lacks most of its share: so the small ones, dealt last, make up for the large.
  ///
  /// A part lacks the more of a group the more songs it lacks of the group's strata, each relative to the size of the
  /// stratum: what is made small is the sum of (lack)² / (size of the stratum) over parts and strata. Of parts that lack
  /// the same, the one that lacks more songs of all strata is next.
  ///
  /// - Parameters:
  ///   - sizes: of the groups in each stratum, `[groups × strata]`.
  ///   - shares: of the parts, relative to each other.
  static func deal(_ sizes: [[Int]], shares: [Double], _ generator: inout SeededGenerator) -> [Int] {
    let shareSum = shares.reduce(0, +)
    precondition(shareSum > 0 && shareSum.isFinite && shares.allSatisfy { $0 >= 0 })
    let strata = 0..<(sizes.first?.count ?? 0)
    let stratumSizes = strata.map { stratum in Double(sizes.reduce(0) { $0 + $1[stratum] }) }
    let groupSizes = sizes.map { $0.reduce(0, +) }
    let total = Double(groupSizes.reduce(0, +))
    var lacks = shares.map { share in stratumSizes.map { share / shareSum * $0 } }
    var totalLacks = shares.map { $0 / shareSum * total }
    func lack(_ part: Int, of group: [Int]) -> (Double, Double) {
      let ofStrata = strata.reduce(0.0) { sum, stratum in
        group[stratum] == 0 ? sum : sum + Double(group[stratum]) * lacks[part][stratum] / stratumSizes[stratum]
      }
      return (ofStrata, totalLacks[part])
    }
    let takers = shares.indices.filter { shares[$0] > 0 }
    var counts = [Int](repeating: 0, count: shares.count)
    var parts = [Int](repeating: 0, count: sizes.count)
    // The place in the shuffled order settles ties: the library's sort does not promise to keep it.
    let order = sizes.indices.shuffled(using: &generator).enumerated().map { place, group in
      (group: group, key: (-groupSizes[group], sizes[group].firstIndex { $0 > 0 } ?? 0, place))
    }
    for (group, _) in order.sorted(by: { $0.key < $1.key }) {
      let part = takers.max { lack($0, of: sizes[group]) < lack($1, of: sizes[group]) } ?? 0
      parts[group] = part
      counts[part] += 1
      for stratum in strata { lacks[part][stratum] -= Double(sizes[group][stratum]) }
      totalLacks[part] -= Double(groupSizes[group])
    }
    fillEmptyParts(&parts, &counts, groupSizes, shares)
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
