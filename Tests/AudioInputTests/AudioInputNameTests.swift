import AudioInput
import Platform
import Testing

@Suite struct AudioInputNameTests {
  @Test func everyKindIsUnderstood() throws {
    #expect(try AudioInputName("alsa:default") == .alsa("default"))
    #expect(try AudioInputName("alsa:hw:CARD=USB,DEV=0") == .alsa("hw:CARD=USB,DEV=0"))
    #expect(try AudioInputName("file:/a: b.wav") == .file("/a: b.wav"))
    #expect(
      try AudioInputName("stdin:48000,2,s16le")
        == .standardInput(AudioFormat(sampleRate: 48_000, channelCount: 2), .s16le))
    #expect(try AudioInputName("demo") == .demo)
    #expect(try AudioInputName("tone:440.5") == .tone(440.5))
  }

  @Test(arguments: [
    "", "alsa", "alsa:", "file:", "mic", "demo:1", "tone:", "tone:0", "tone:1e9", "tone:nan", "stdin", "stdin:48000",
    "stdin:48000,2", "stdin:48000,0,s16le", "stdin:48000,2,mp3", "stdin:1,2,s16le", "stdin:48000,2,s16le,x",
    "stdin:99999999999999999999,2,s16le",
  ])
  func anythingElseIsRefusedWithWhatWasWritten(text: String) {
    do {
      _ = try AudioInputName(text)
      Issue.record("'\(text)' was accepted")
    } catch {
      #expect(error.code == .usage)
      #expect(error.description.contains("'\(text)'"))
    }
  }

  @Test func channelsAreCountedFromOne() {
    #expect(ChannelSelection("average") == .average)
    #expect(ChannelSelection("left") == .channel(1))
    #expect(ChannelSelection("right") == .channel(2))
    #expect(ChannelSelection("18") == .channel(18))
    for text in ["0", "-1", "", "257", "middle"] { #expect(ChannelSelection(text) == nil) }
  }

  @Test func aCardThatIsNamedByItsNumberIsNoticed() throws {
    for (text, isNumbered) in [
      ("alsa:hw:0,0", true), ("alsa:plughw:1", true), ("alsa:hw:CARD=1,DEV=0", true), ("alsa:sysdefault:2", true),
      ("alsa:hw:CARD=USB,DEV=0", false), ("alsa:hw:USB,0", false), ("alsa:default", false), ("alsa:pulse", false),
      ("file:/hw:0", false), ("demo", false),
    ] {
      #expect((try AudioInputName(text).numberedCard != nil) == isNumbered, "\(text)")
    }
  }
}
