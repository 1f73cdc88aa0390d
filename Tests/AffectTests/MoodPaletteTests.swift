import Affect
import Platform
import Testing

@Suite struct MoodPaletteTests {
  private func difference(_ one: MoodColor, _ other: MoodColor) -> Float {
    max(abs(one.red - other.red), abs(one.green - other.green), abs(one.blue - other.blue))
  }

  private func affect(_ valence: Float, _ arousal: Float) -> Affect { Affect(valence: valence, arousal: arousal) }

  @Test func atItsPointsAPaletteHasTheirColours() {
    for point in MoodPalette.standard.points {
      #expect(MoodPalette.standard.color(of: point.affect) == point.color)
    }
  }

  /// Computed apart, from the matrices of Ottosson's page.
  @Test func betweenTwoPointsTheColourIsMixedInOklab() throws {
    let palette = MoodPalette([
      MoodPalette.Point(affect(-1, 0), try #require(MoodColor("#0072b2"))),
      MoodPalette.Point(affect(1, 0), try #require(MoodColor("#f0e442"))),
    ])
    let middle = MoodColor(red: 136.16 / 255, green: 174.51 / 255, blue: 148.17 / 255)
    #expect(difference(palette.color(of: .neutral), middle) < 1e-3)
    // Nine times as near: nine times the weight.
    let near = MoodColor(red: 219.11 / 255, green: 217.61 / 255, blue: 93.86 / 255)
    #expect(difference(palette.color(of: affect(0.5, 0)), near) < 1e-3)
    // Far from both they count alike.
    #expect(difference(palette.color(of: affect(0, 1)), middle) < 1e-3)
  }

  @Test func thereIsNoJumpBetweenTwoMoodsThatAreNear() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<50 {
      let palette = MoodPalette(
        (0..<Int.random(in: 1...8, using: &generator)).map { _ in
          func unit() -> Float { Float.random(in: 0...1, using: &generator) }
          return MoodPalette.Point(
            affect(2 * unit() - 1, 2 * unit() - 1), MoodColor(red: unit(), green: unit(), blue: unit()))
        })
      for _ in 0..<200 {
        let (x, y) = (Float.random(in: -1...0.99, using: &generator), Float.random(in: -1...1, using: &generator))
        let (one, other) = (palette.color(of: affect(x, y)), palette.color(of: affect(x + 1e-4, y)))
        // Close to a point the colour changes fast, but within a hundredth of the plane, not at once.
        let nearest = palette.points.map { abs($0.affect.valence - x) + abs($0.affect.arousal - y) }.min() ?? 1
        if nearest > 0.02 { #expect(difference(one, other) < 0.03) }
        for color in [one, other] {
          for part in [color.red, color.green, color.blue, color.hue, color.saturation] {
            #expect((0...1).contains(part))
          }
        }
      }
    }
  }

  @Test(
    arguments: [
      ("#ff0000", 0, 1), ("#ffff00", 1 / 6, 1), ("#00ff00", 2 / 6, 1), ("#00ffff", 3 / 6, 1), ("#0000ff", 4 / 6, 1),
      ("#ff00ff", 5 / 6, 1), ("#808080", 0, 0), ("#000000", 0, 0), ("#ffffff", 0, 0), ("#ff8080", 0, 0.498),
    ] as [(String, Float, Float)])
  func hueAndSaturationAreThoseOfTheHexcone(text: String, hue: Float, saturation: Float) throws {
    let color = try #require(MoodColor(text))
    #expect(color.text == text)
    #expect(abs(color.hue - hue) < 1e-3 && abs(color.saturation - saturation) < 1e-3)
  }

  @Test(arguments: [
    "", "#", "ff0000", "#ff000", "#ff00000", "#gg0000", "#+f0000", "#-10000", "# ff000", "red", "#ff00é",
  ])
  func whatIsNoColourIsNone(text: String) {
    #expect(MoodColor(text) == nil)
  }
}
