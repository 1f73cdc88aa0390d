import Platform
import TestSupport
import Testing
import affectctl

/// What long work says of itself, by a clock that the test moves.
@Suite struct WorkProgressTests {
  private func said(_ output: WorkProgress.Output, total: Int = 100, _ body: (WorkProgress, ManualClock) -> Void)
    -> [String]
  {
    let clock = ManualClock()
    let texts = Locked<[String]>([])
    body(
      WorkProgress("songs", total: total, output: output, clock: clock) { text in texts.withValue { $0.append(text) } },
      clock)
    return texts.withValue { $0 }
  }

  @Test func shortWorkSaysNothing() {
    for output in [WorkProgress.Output.bar, .lines] {
      let texts = said(output) { progress, clock in
        for _ in 0..<19 {
          clock.advance(by: 0.1)
          progress.advance()
        }
        progress.clear()
      }
      #expect(texts.isEmpty)
    }
  }

  @Test func aTerminalHasABarWithTheTimeLeft() {
    let texts = said(.bar) { progress, clock in
      clock.advance(by: 5)
      progress.advance(by: 25)
      // Not more often than it can be read.
      clock.advance(by: 0.05)
      progress.advance()
      clock.advance(by: 4.95)
      progress.show(done: 50)
      progress.clear()
      progress.clear()
    }
    #expect(
      texts == [
        "\r███████░░░░░░░░░░░░░░░░░░░░░░░ 25 % songs, 15 s left\u{1B}[K",
        "\r███████████████░░░░░░░░░░░░░░░ 50 % songs, 10 s left\u{1B}[K", "\r\u{1B}[K",
      ])
  }

  @Test func elsewhereThereIsALineNowAndThen() {
    let texts = said(.lines) { progress, clock in
      for _ in 0..<100 {
        clock.advance(by: 1)
        progress.advance()
      }
      progress.clear()
    }
    #expect(
      texts == [
        "affectctl: songs: 2 of 100, 1 min 38 s left\n", "affectctl: songs: 32 of 100, 1 min 8 s left\n",
        "affectctl: songs: 62 of 100, 38 s left\n", "affectctl: songs: 92 of 100, 8 s left\n",
      ])
  }

  @Test func whatNobodyCountsIsAShare() {
    let texts = said(.lines, total: 1_000_000) { progress, clock in
      clock.advance(by: 3)
      progress.advance(by: 255_000)
    }
    #expect(texts == ["affectctl: songs: 25 %, 9 s left\n"])
  }

  @Test func whoAsksForQuietHasIt() {
    for (output, total) in [(WorkProgress.Output.nothing, 100), (.bar, 0), (.lines, 0)] {
      let texts = said(output, total: total) { progress, clock in
        clock.advance(by: 60)
        progress.advance()
        progress.clear()
      }
      #expect(texts.isEmpty)
    }
  }

  @Test func theTimeLeftIsSaidAsPeopleSayIt() {
    #expect(WorkProgress.rest(done: 1, total: 2, elapsed: 59) == "59 s")
    #expect(WorkProgress.rest(done: 1, total: 2, elapsed: 125) == "2 min 5 s")
    #expect(WorkProgress.rest(done: 1, total: 3, elapsed: 3600) == "2 h 0 min")
    #expect(
      WorkProgress.rest(done: 0, total: 3, elapsed: 9) == nil && WorkProgress.rest(done: 3, total: 3, elapsed: 9) == nil
    )
  }
}
