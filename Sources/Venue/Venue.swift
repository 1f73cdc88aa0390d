internal import Glibc
public import Platform
internal import SignalProcessing

/// What lies between music as it was recorded and what comes out of a microphone or a line: loudspeakers, a room,
/// people, the microphone, its level.
public struct Venue: Sendable, Equatable {
  /// The colour of the loudspeakers.
  public var loudspeaker: ToneCurve?
  /// dBFS above which the loudspeakers' limiter works; nil for none.
  public var limiter: Double?
  public var room: Room?
  /// People who talk, dB relative to the music; nil for none.
  public var crowd: Double?
  /// Steady noise, dB relative to the music, and how many dB its spectrum falls for each octave; nil for none.
  public var noise: (level: Double, slope: Double)?
  public var microphone: ToneCurve?
  /// dB.
  public var gain = 0.0
  /// Whether samples beyond full scale are cut off, as a converter does.
  public var clips = true

  public init() {}

  public static func == (left: Venue, right: Venue) -> Bool {
    left.loudspeaker == right.loudspeaker && left.limiter == right.limiter && left.room == right.room
      && left.crowd == right.crowd && left.noise?.level == right.noise?.level && left.noise?.slope == right.noise?.slope
      && left.microphone == right.microphone && left.gain == right.gain && left.clips == right.clips
  }

  /// What is recorded there when `music` is played.
  ///
  /// - Parameters:
  ///   - music: mono samples, full scale ±1.
  ///   - rate: Hz.
  ///   - seed: where people stand and what they say.
  /// - Returns: as many samples, aligned with the direct sound.
  public func record(_ music: [Float], rate: Int, seed: UInt64) -> [Float] {
    guard !music.isEmpty else { return [] }
    var generator = SeededGenerator(seed: seed)
    var sound = music
    if let loudspeaker { sound = loudspeaker.apply(to: sound, rate: rate) }
    if let limiter { Limiter.apply(to: &sound, threshold: limiter, rate: rate) }
    if let room {
      let response = room.impulseResponse(rate: rate, using: &generator)
      sound = Array(Convolver(response: response).apply(to: sound).prefix(music.count))
    }
    let level = Self.rootMeanSquare(sound)
    if let crowd {
      let people = Crowd.make(voices: 24, count: sound.count, rate: rate, using: &generator)
      Self.add(people, decibels: crowd, of: level, to: &sound)
    }
    if let noise {
      let white = (0..<sound.count).map { _ in Float(generator.normal()) }
      let colour = ToneCurve([.init(62.5, 0), .init(16_000, -8 * noise.slope)])
      let coloured = colour.apply(to: white, rate: rate)
      let scale = 1 / max(Self.rootMeanSquare(coloured), 1e-10)
      Self.add(coloured.map { $0 * scale }, decibels: noise.level, of: level, to: &sound)
    }
    if let microphone { sound = microphone.apply(to: sound, rate: rate) }
    let factor = Float(pow(10, gain / 20))
    for index in sound.indices {
      let value = sound[index] * factor
      sound[index] = clips ? min(max(value, -1), 1) : value
    }
    return sound
  }

  private static func rootMeanSquare(_ signal: [Float]) -> Float {
    (signal.reduce(0) { $0 + $1 * $1 } / Float(max(1, signal.count))).squareRoot()
  }

  private static func add(_ other: [Float], decibels: Double, of level: Float, to sound: inout [Float]) {
    let factor = level * Float(pow(10, decibels / 20))
    for index in sound.indices { sound[index] += factor * other[index] }
  }
}

/// The venues that `affectctl bench venue` measures in. They are simulated: no real venue was measured.
extension Venue {
  public struct Condition: Sendable {
    public let name: String
    public let venue: Venue
  }

  public static let conditions: [Condition] = [
    Condition("clean") { _ in },
    Condition("20 dB too quiet") { $0.gain = -20 },
    Condition("12 dB too loud, clipped") { $0.gain = 12 },
    Condition("laptop microphone") {
      $0.microphone = ToneCurve([
        .init(80, -30), .init(160, -12), .init(300, -3), .init(800, 0), .init(2500, 3), .init(4000, 8), .init(6000, 4),
        .init(9000, -4), .init(14_000, -16),
      ])
      $0.noise = (-38, 1)
      $0.gain = -8
    },
    Condition("telephone band") {
      $0.microphone = ToneCurve([
        .init(150, -40), .init(300, -3), .init(400, 0), .init(3000, 0), .init(3400, -3), .init(4200, -40),
      ])
    },
    Condition("bass-heavy PA with limiter") {
      $0.loudspeaker = ToneCurve([
        .init(35, 0), .init(50, 12), .init(90, 12), .init(180, 4), .init(500, -2), .init(3000, -3), .init(12_000, -9),
      ])
      $0.limiter = -12
    },
    Condition("living room") {
      $0.room = Room(size: SIMD3(5.2, 4.1, 2.6), reverberationTime: 0.4, distance: 2, directivity: 2)
      $0.loudspeaker = ToneCurve([.init(50, -12), .init(90, 0), .init(8000, 0), .init(15_000, -5)])
      $0.noise = (-34, 3)
      $0.gain = -8
    },
    Condition("club") {
      $0.room = Room(size: SIMD3(17, 11, 4.2), reverberationTime: 0.9, distance: 7, directivity: 6)
      $0.loudspeaker = ToneCurve([.init(35, 0), .init(60, 6), .init(150, 2), .init(1000, 0), .init(12_000, -4)])
      $0.crowd = -12
      $0.gain = -3
    },
    Condition("hall") {
      $0.room = Room(size: SIMD3(31, 21, 9), reverberationTime: 1.8, distance: 13, directivity: 6)
      $0.noise = (-32, 3)
      $0.gain = -6
    },
  ]
}

extension Venue.Condition {
  fileprivate init(_ name: String, _ change: (inout Venue) -> Void) {
    var venue = Venue()
    change(&venue)
    self.init(name: name, venue: venue)
  }
}

/// Venues for training: others than those of the benchmark, drawn at random.
extension Venue {
  public static func random(using generator: inout SeededGenerator) -> Venue {
    var venue = Venue()
    func within(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniform()
    }
    func happens(_ share: Double) -> Bool { generator.uniform() < share }
    if happens(0.6) {
      let length = exp(within(log(3)...log(40)))
      let size = SIMD3(length, length * within(0.5...0.95), min(12, max(2.3, length * within(0.2...0.5))))
      let time = min(2.4, max(0.15, 0.25 * pow(length / 4, 0.8) * exp(within(-0.6...0.6))))
      venue.room = Room(
        size: size, reverberationTime: time, distance: length * within(0.08...0.6), directivity: within(0...8))
    }
    if happens(0.7) {
      // Random steps of an octave or so, on a tilt.
      let tilt = within(-1...0.5)
      var points: [ToneCurve.Point] = []
      var frequency = 40 * exp(within(0...0.7))
      while frequency < 16_000 {
        points.append(.init(frequency, 4 * generator.normal() + tilt * log2(frequency / 800)))
        frequency *= exp(within(0.5...1.1))
      }
      venue.microphone = ToneCurve(points)
    }
    if happens(0.35) {
      let low = exp(within(log(60)...log(450)))
      let high = exp(within(log(2500)...log(14_000)))
      let slope = within(10...30)
      venue.loudspeaker = ToneCurve([
        .init(low / 2, -slope), .init(low, 0), .init(high, 0), .init(high * 1.6, -slope),
      ])
    } else if happens(0.25) {
      let bass = within(3...14)
      venue.loudspeaker = ToneCurve([.init(40, bass), .init(90, bass), .init(250, 0), .init(9000, -within(0...8))])
      venue.limiter = within(-20 ... -6)
    }
    if happens(0.4) { venue.crowd = within(-30 ... -5) }
    if happens(0.4) { venue.noise = (within(-40 ... -8), within(-1...5)) }
    venue.gain = within(-24...6)
    if happens(0.15) { venue.gain = within(6...16) }
    return venue
  }
}
