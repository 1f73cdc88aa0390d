internal import Affect
package import Platform

/// A batch as the network takes it in: inputs, targets, and how much each counts.
package struct BatchSamples {
  /// `[units × ticks × width]`
  package let input: Variable<Float>
  /// `[units · ticks × 2]`, valence and arousal; 0 where nothing counts.
  package let targets: [Float]
  /// How much each target counts as a value, `[units · ticks]`.
  package let weights: [Float]
  /// How much each target counts by its signs alone, `[units · ticks]`.
  package let signWeights: [Float]

  /// - Parameters:
  ///   - units: equally long ones.
  ///   - mixup: shape of the beta distribution of the shares; nil for no mixing.
  ///   - counts: whether a tick that has a label is to be learned.
  package init(
    _ units: [TrainingUnit], of set: TrainingSet, mixup: Double?, generator: inout SeededGenerator,
    counts: (_ song: Int, _ tick: Int) -> Bool
  ) {
    let ticks = units[0].ticks.count
    var targets = [Float](repeating: 0, count: 2 * units.count * ticks)
    var weights = [Float](repeating: 0, count: units.count * ticks)
    var signWeights = weights
    for (row, unit) in units.enumerated() {
      let song = set.songs[unit.song]
      for (column, tick) in unit.ticks.enumerated() {
        guard let label = song.labels[tick], counts(unit.song, tick) else { continue }
        let place = row * ticks + column
        targets[2 * place] = label.valence
        targets[2 * place + 1] = label.arousal
        if song.isQuadrant { signWeights[place] = song.weight } else { weights[place] = song.weight }
      }
    }
    let size = ticks * set.width
    func source(_ unit: TrainingUnit) -> ArraySlice<Float> {
      set.inputs[unit.song][unit.ticks.lowerBound * set.width..<unit.ticks.upperBound * set.width]
    }
    let shape = [units.count, ticks, set.width]
    self.signWeights = signWeights
    var partners: [Int] = []
    if mixup != nil {
      partners = Array(units.indices)
      // Signs are not mixed with values, nor with other signs.
      let mixable = units.indices.filter { !set.songs[units[$0].song].isQuadrant }
      for (row, partner) in zip(mixable, mixable.shuffled(using: &generator)) { partners[row] = partner }
    }
    // Songs that are never labelled at the same moment have nothing to mix.
    let meets = partners.enumerated().contains { row, partner in
      (0..<ticks).contains { weights[row * ticks + $0] > 0 && weights[partner * ticks + $0] > 0 }
    }
    guard let mixup, units.count > 1, meets else {
      input = Variable(
        DenseTensor(shape: shape) { target in
          for (row, unit) in units.enumerated() {
            source(unit).withUnsafeBufferPointer {
              (target + row * size).initialize(from: $0.baseAddress!, count: size)  // a unit is not empty
            }
          }
        })
      (self.targets, self.weights) = (targets, weights)
      return
    }
    let shares = units.map { _ in Float(generator.beta(mixup)) }
    input = Variable(
      DenseTensor(shape: shape) { target in
        for row in units.indices {
          let share = shares[row]
          source(units[row]).withUnsafeBufferPointer { own in
            source(units[partners[row]]).withUnsafeBufferPointer { other in
              let result = target + row * size
              for index in 0..<size { result[index] = share * own[index] + (1 - share) * other[index] }
            }
          }
        }
      })
    // A tick counts in so far as both of its songs do; its target is their mean by their shares and weights.
    var mixedTargets = targets
    var mixedWeights = weights
    for row in units.indices {
      for column in 0..<ticks {
        let (own, other) = (row * ticks + column, partners[row] * ticks + column)
        let (ownWeight, otherWeight) = (weights[own], weights[other])
        let share = shares[row]
        mixedWeights[own] = ownWeight > 0 && otherWeight > 0 ? share * ownWeight + (1 - share) * otherWeight : 0
        for value in 0..<2 {
          mixedTargets[2 * own + value] = share * targets[2 * own + value] + (1 - share) * targets[2 * other + value]
        }
      }
    }
    (self.targets, self.weights) = (mixedTargets, mixedWeights)
  }

  /// The number of ticks that count.
  var count: Int { zip(weights, signWeights).count { $0 > 0 || $1 > 0 } }
}
