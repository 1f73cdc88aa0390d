import Affect
import Foundation
import Publishing
import Testing

@Suite struct LineTests {
  private let tracking = AffectEstimate(
    tick: 7, audioTime: 3.5,
    values: .init(smoothed: Affect(valence: 0.25, arousal: -0.5), raw: Affect(valence: 0.1, arousal: -1)),
    level: -23.456, state: .tracking)
  private let warmingUp = AffectEstimate(tick: 1, audioTime: 0.5, values: nil, level: -120, state: .warmingUp)

  @Test func anEstimateIsTheLineOfTheProtocol() {
    #expect(
      AffectLine(tracking, unixTime: 1_700_000_000.25).json
        == #"{"type":"affect","seq":7,"audio_time":3.5,"unix_time":1700000000.25,"valence":0.25,"arousal":-0.5,"#
        + #""raw":{"valence":0.1,"arousal":-1.0},"trend":{"valence":0.0,"arousal":0.0},"quadrant":4,"level":-23.46,"#
        + #""state":"tracking"}"#)
  }

  @Test func whatIsRareComesWhereItIs() {
    let estimate = AffectEstimate(
      tick: 8, audioTime: 4,
      values: .init(
        smoothed: .neutral, raw: nil, trend: AffectTrend(valence: 0.5, arousal: -0.25), quadrant: .three,
        confidence: 0.75),
      level: -20, state: .silent, gap: 0.25, isFrozen: true)
    #expect(
      AffectLine(estimate, file: "a.wav").json
        == #"{"type":"affect","file":"a.wav","seq":8,"audio_time":4.0,"valence":0.0,"arousal":0.0,"#
        + #""trend":{"valence":0.5,"arousal":-0.25},"quadrant":3,"confidence":0.75,"level":-20.0,"state":"silent","#
        + #""gap":0.25,"frozen":true}"#)
  }

  @Test func aLineCanHaveSomeFieldsOnly() {
    let line = AffectLine(tracking, unixTime: 1)
    #expect(line.json([]) == #"{"type":"affect","seq":7}"#)
    #expect(line.json([.level, .valence]) == #"{"type":"affect","seq":7,"valence":0.25,"level":-23.46}"#)
    #expect(line.json(Set(AffectLine.Field.allCases)) == line.json)
  }

  @Test func numbersThatJSONDoesNotHaveAreNull() {
    var line = JSONLine()
    line.add("a", Double.nan)
    line.add("b", Float.infinity)
    line.add("c", 0.1)
    line.addNull("d")
    #expect(line.object == #"{"a":null,"b":null,"c":0.1,"d":null}"#)
  }

  @Test func withoutValuesTheyAreAbsent() {
    #expect(
      AffectLine(warmingUp).json
        == #"{"type":"affect","seq":1,"audio_time":0.5,"level":-120.0,"state":"warmingUp"}"#)
  }

  @Test func helloSaysWhoSpeaks() throws {
    let hello = HelloLine(
      input: "file:/a \"b\"\\c\n\u{1}é.wav", embedding: "musicnn-msd-200", model: "starter-mlp",
      hop: Hop(seconds: 0.25)!)
    #expect(hello.json.hasPrefix(#"{"type":"hello","protocol":1,"server":"affectd "#))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(hello.json.utf8)) as? [String: Any])
    #expect(object["input"] as? String == "file:/a \"b\"\\c\n\u{1}é.wav")
    #expect(object["embedding"] as? String == "musicnn-msd-200")
    #expect(object["model"] as? String == "starter-mlp")
    #expect(object["hop"] as? Double == 0.25)
    #expect((object["ranges"] as? [String: [Double]])?["valence"] == [-1, 1])
    #expect(!hello.json.contains("\n"))
  }
}
