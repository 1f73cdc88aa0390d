import Affect
import Testing
import affectctl

@Suite struct AffectTableTests {
  private let tracking = AffectEstimate(
    tick: 7, audioTime: 3.5,
    values: .init(smoothed: Affect(valence: 0.25, arousal: -0.5), raw: Affect(valence: 0.1, arousal: -1)),
    level: -23.456, state: .tracking)
  private let warmingUp = AffectEstimate(tick: 1, audioTime: 0.5, values: nil, level: -120, state: .warmingUp)

  @Test func theTableHasARowPerTick() {
    let table = AffectTable(hasFileColumn: false)
    #expect(
      table.header
        == "time_s,valence,arousal,raw_valence,raw_arousal,level_dbfs,state,valence_trend,arousal_trend,quadrant,"
        + "confidence")
    #expect(table.row(tracking, file: "a") == "3.5,0.25,-0.5,0.1,-1.0,-23.46,tracking,0.0,0.0,4,")
    let sure = AffectEstimate(
      tick: 7, audioTime: 3.5, values: .init(smoothed: .neutral, raw: nil, confidence: 0.75), level: -20,
      state: .tracking)
    #expect(table.row(sure, file: "a").hasSuffix(",1,0.75"))
    #expect(table.row(warmingUp, file: "a") == "0.5,,,,,-120.0,warmingUp,,,,")
  }

  @Test func fileNamesAreQuotedWhereTheyMustBe() {
    let table = AffectTable(hasFileColumn: true)
    #expect(table.header.hasPrefix("file,time_s,"))
    #expect(table.row(warmingUp, file: "a b.wav").hasPrefix("a b.wav,0.5,"))
    #expect(table.row(warmingUp, file: "a,\"b\".wav").hasPrefix("\"a,\"\"b\"\".wav\",0.5,"))
  }
}
