import Affect
import Platform
import Testing
import Training

@Suite struct TrainingUnitsTests {
  private func set(_ lengths: [Int]) -> TrainingSet {
    let songs = lengths.enumerated().map { index, length in
      TrainingSong(
        identifier: "\(index)", artist: nil, times: (0..<length).map(Double.init),
        labels: (0..<length).map { _ in .neutral }, weight: 1, isStatic: false)
    }
    return TrainingSet(songs: songs, inputs: lengths.map { Array(repeating: 0, count: $0) }, width: 1)
  }

  @Test func aModelThatLooksAtEachTickGetsEachWantedTickOnce() {
    let units = TrainingUnits.units(of: set([3, 2]), inSequence: false) { song, tick in (song + tick) % 2 == 0 }
    #expect(units.map(\.song) == [0, 0, 1] && units.map(\.ticks) == [0..<1, 2..<3, 1..<2])
  }

  @Test func sequencesCoverEveryTickAndAreBoundedInLength() {
    let lengths = [5, 14, 14, 14, 29, 200]
    let units = TrainingUnits.units(of: set(lengths), inSequence: true) { _, _ in true }
    for (song, length) in lengths.enumerated() {
      let own = units.filter { $0.song == song }
      #expect(Set(own.flatMap { Array($0.ticks) }) == Set(0..<length))
      #expect(own.allSatisfy { $0.ticks.count == min(length, 14) })
    }
  }

  @Test func sequencesWithoutAWantedTickAreLeftOut() {
    let units = TrainingUnits.units(of: set([4, 4, 8]), inSequence: true) { song, tick in song == 2 && tick > 5 }
    #expect(units == [TrainingUnit(song: 2, ticks: 4..<8)])
  }

  @Test func batchesHoldEveryUnitOnceAndUnitsOfOneLength() {
    var generator = SeededGenerator(seed: 2)
    let units = TrainingUnits.units(of: set([5, 7, 7, 7, 7, 7, 3, 3]), inSequence: true) { _, _ in true }
    let batches = TrainingUnits.batches(of: units, size: 2, generator: &generator)
    #expect(batches.allSatisfy { batch in batch.count <= 2 && Set(batch.map(\.ticks.count)).count == 1 })
    let all = batches.flatMap(\.self)
    #expect(all.count == units.count && units.allSatisfy { all.contains($0) })
  }
}
