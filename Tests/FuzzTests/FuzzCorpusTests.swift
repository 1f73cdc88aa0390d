import Foundation
import FuzzEntries
import Testing

/// What the fuzzers start from, fed to the same readers without a fuzzer.
@Suite struct FuzzCorpusTests {
  private struct Seed {
    let name: String
    let bytes: [UInt8]
    /// The name begins with what the reader must say.
    var isValid: Bool { name.hasPrefix("valid-") }
  }

  private func corpus(of entry: FuzzEntry) throws -> [Seed] {
    let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let directory = URL(filePath: "/\(tests)/Fuzz/Corpus/\(entry.rawValue)")
    let seeds = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
      .sorted { $0.path < $1.path }
      .map { Seed(name: $0.lastPathComponent, bytes: [UInt8](try Data(contentsOf: $0))) }
    for seed in seeds { try #require(seed.isValid || seed.name.hasPrefix("invalid-"), "\(seed.name)") }
    return seeds
  }

  @Test(arguments: FuzzEntry.allCases)
  func aSeedIsAcceptedOrRefusedAsItsNameSays(entry: FuzzEntry) throws {
    let seeds = try corpus(of: entry)
    #expect(seeds.contains { $0.isValid } && seeds.contains { !$0.isValid })
    for seed in seeds {
      #expect(try entry.accepts(seed.bytes) == seed.isValid, "\(seed.name)")
    }
  }

  /// That nothing traps and no promise breaks; most of these are refused, but an accident may leave a seed valid.
  @Test(arguments: FuzzEntry.allCases)
  func aSeedThatIsCutShortOrDamagedAnywhereIsSurvived(entry: FuzzEntry) throws {
    for seed in try corpus(of: entry) {
      // In long ones not everywhere, which would take too long.
      for position in stride(from: 0, to: seed.bytes.count, by: 1 + seed.bytes.count / 200) {
        for bit: UInt8 in [0x01, 0x40, 0x80] {
          var damaged = seed.bytes
          damaged[position] ^= bit
          #expect(throws: Never.self, "\(seed.name), byte \(position) damaged by \(bit)") { try entry.accepts(damaged) }
        }
        let cut = Array(seed.bytes[..<position])
        #expect(throws: Never.self, "\(seed.name), cut to \(position) bytes") { try entry.accepts(cut) }
      }
    }
  }
}
