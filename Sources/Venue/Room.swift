internal import Glibc
public import Platform
internal import SignalProcessing

/// A room with a loudspeaker and a microphone in it.
///
/// Its impulse response begins with the reflections at the walls of a box (image sources: Allen and Berkley, "Image method
/// for efficiently simulating small-room acoustics", 1979) and goes on as noise that dies away (a diffuse tail, as in
/// Lehmann and Johansson, "Diffuse reverberation model for efficient image-source simulation of room impulse responses",
/// 2010). High frequencies die away sooner: walls take more of them, and so does the air (ISO 9613-1, at 20 °C and 50 %
/// humidity).
public struct Room: Sendable, Equatable {
  /// Length, width and height, m.
  public var size: SIMD3<Double>
  /// Seconds until a sound at 1 kHz has fallen by 60 dB, by the walls alone.
  public var reverberationTime: Double
  /// Metres from the loudspeaker to the microphone, less than the length of the room.
  public var distance: Double
  /// What is added to the direct sound beside what the distance makes of it, dB: a loudspeaker that is pointed at the
  /// microphone.
  public var directivity = 0.0

  public init(size: SIMD3<Double>, reverberationTime: Double, distance: Double, directivity: Double = 0) {
    self.size = size
    self.reverberationTime = reverberationTime
    self.distance = distance
    self.directivity = directivity
  }

  private static let speedOfSound = 343.0
  /// Seconds after the direct sound from which on the tail is noise.
  private static let mixingTime = 0.06

  private struct Band {
    let centre: Double
    /// Share of the reverberation time at 1 kHz.
    let share: Double
    /// What the air takes, dB for each metre.
    let air: Double
  }

  private static let bands = [
    Band(centre: 125, share: 1.25, air: 0.0004), Band(centre: 250, share: 1.12, air: 0.0013),
    Band(centre: 500, share: 1.05, air: 0.0027), Band(centre: 1000, share: 1, air: 0.0047),
    Band(centre: 2000, share: 0.95, air: 0.0099), Band(centre: 4000, share: 0.85, air: 0.029),
    Band(centre: 8000, share: 0.7, air: 0.105), Band(centre: 16_000, share: 0.5, air: 0.35),
  ]

  /// The response at `rate` Hz, scaled to a sum of squares of 1: the room changes the sound, not its level. It begins
  /// with the direct sound.
  ///
  /// - Parameter generator: where things stand, and the noise of the tail.
  public func impulseResponse(rate: Int, using generator: inout SeededGenerator) -> [Float] {
    let (source, microphone) = place(using: &generator)
    let direct = length(source - microphone)
    let count = Int((min(3, reverberationTime * 1.3) + 0.1) * Double(rate))
    let noise = (0..<count).map { _ in Float(generator.normal()) }
    var response = [Float](repeating: 0, count: count)
    let bands = Self.bands.filter { $0.centre < Double(rate) / 2 }
    for (index, band) in bands.enumerated() {
      var part = early(source, microphone, direct: direct, band: band, rate: rate, count: count)
      addTail(noise, to: &part, direct: direct, band: band, rate: rate)
      let filtered = Self.bandFilter(index, of: bands).apply(to: part, rate: rate)
      for sample in response.indices { response[sample] += filtered[sample] }
    }
    let energy = response.reduce(0) { $0 + $1 * $1 }
    let scale = 1 / max(energy, 1e-20).squareRoot()
    return response.map { $0 * scale }
  }

  /// Loudspeaker and microphone, somewhere in the room at their distance.
  private func place(using generator: inout SeededGenerator) -> (SIMD3<Double>, SIMD3<Double>) {
    let distance = min(distance, 0.9 * size.x)
    let room = size.x - distance
    let source = SIMD3(
      room * (0.2 + 0.3 * generator.uniform()), size.y * (0.3 + 0.4 * generator.uniform()),
      size.z * (0.4 + 0.3 * generator.uniform()))
    let microphone = SIMD3(
      source.x + distance * 0.98, min(size.y * 0.95, max(size.y * 0.05, source.y + distance * 0.15)),
      min(size.z * 0.9, max(size.z * 0.1, source.z - distance * 0.1)))
    return (source, microphone)
  }

  private func length(_ vector: SIMD3<Double>) -> Double { (vector * vector).sum().squareRoot() }

  /// Seconds until the band has fallen by 60 dB.
  private func decay(_ band: Band) -> Double {
    1 / (1 / (reverberationTime * band.share) + band.air * Self.speedOfSound / 60)
  }

  /// The images of the loudspeaker up to the mixing time.
  private func early(
    _ source: SIMD3<Double>, _ microphone: SIMD3<Double>, direct: Double, band: Band, rate: Int, count: Int
  ) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    let volume = size.x * size.y * size.z
    let surface = 2 * (size.x * size.y + size.y * size.z + size.z * size.x)
    // Eyring, "Reverberation time in dead rooms", 1930.
    let absorption = 1 - exp(-0.161 * volume / (surface * reverberationTime * band.share))
    let reflection = max(0, 1 - absorption).squareRoot()
    let reach = direct + Self.mixingTime * Self.speedOfSound
    let limits = SIMD3<Int>(
      Int(reach / (2 * size.x)) + 1, Int(reach / (2 * size.y)) + 1, Int(reach / (2 * size.z)) + 1)
    for x in -limits.x...limits.x {
      for y in -limits.y...limits.y {
        for z in -limits.z...limits.z {
          for corner in 0..<8 {
            let mirror = SIMD3<Int>(corner & 1, corner >> 1 & 1, corner >> 2 & 1)
            let cell = SIMD3<Int>(x, y, z)
            var position = SIMD3<Double>()
            var bounces = 0
            for axis in 0..<3 {
              let sign = mirror[axis] == 1 ? -1.0 : 1
              position[axis] = sign * source[axis] + 2 * Double(cell[axis]) * size[axis]
              bounces += abs(cell[axis] - mirror[axis]) + abs(cell[axis])
            }
            let way = length(position - microphone)
            let delay = (way - direct) / Self.speedOfSound
            guard delay < Self.mixingTime else { continue }
            let boost = bounces == 0 ? pow(10, directivity / 20) : 1
            let amplitude = boost * pow(reflection, Double(bounces)) * pow(10, -band.air * way / 20) / way
            let place = delay * Double(rate)
            let sample = Int(place)
            let share = Float(place - Double(sample))
            if sample + 1 < count {
              result[sample] += Float(amplitude) * (1 - share)
              result[sample + 1] += Float(amplitude) * share
            }
          }
        }
      }
    }
    return result
  }

  /// Adds the noise, fading in over the second half of the mixing time. A diffuse field has the energy of the direct
  /// sound times 16 π r² / (room constant): Kuttruff, "Room acoustics", section 5.1.
  private func addTail(_ noise: [Float], to part: inout [Float], direct: Double, band: Band, rate: Int) {
    let volume = size.x * size.y * size.z
    let time = decay(band)
    // Energy density of the decay at its beginning, for a source whose direct sound has the amplitude 1 / r.
    let density = 4 * Double.pi * Self.speedOfSound / volume
    let start = Self.mixingTime / 2
    for sample in part.indices {
      let seconds = Double(sample) / Double(rate)
      guard seconds >= start else { continue }
      let fade = min(1, (seconds - start) / start)
      let travelled = seconds + direct / Self.speedOfSound
      let amplitude = (density / Double(rate)).squareRoot() * exp(-6.91 * travelled / time)
      part[sample] += Float(fade * amplitude) * noise[sample]
    }
  }

  /// An octave around the centre of a band; all of them together let everything through.
  private static func bandFilter(_ index: Int, of bands: [Band]) -> ToneCurve {
    let centre = bands[index].centre
    // The slopes lie between the centres, and are steep: amplitudes add up.
    let low = centre / 2.0.squareRoot()
    let high = centre * 2.0.squareRoot()
    var points: [ToneCurve.Point] = []
    if index > 0 { points += [.init(low * 0.8, -80), .init(low, -6), .init(low * 1.25, 0)] }
    if index < bands.count - 1 { points += [.init(high * 0.8, 0), .init(high, -6), .init(high * 1.25, -80)] }
    return ToneCurve(points)
  }
}
