package import Platform

/// What the capture thread does, one read after another, and nothing else: it does not allocate, lock, log or wait for
/// Swift concurrency.
///
/// It decides nothing about gaps. It says of each block when it came and what was known then.
package final class CaptureLoop {
  private let reader: MonoReader
  private let capture: Capture
  private let clock: any Clock
  private var pacer: Pacer
  private var block = AudioBlock()

  package init(_ reader: MonoReader, _ capture: Capture, clock: any Clock = SystemClock()) {
    self.reader = reader
    self.capture = capture
    self.clock = clock
    pacer = Pacer(pace: reader.source.pace, sampleRate: reader.sampleRate)
  }

  /// Reads once. Returns false when the input has ended, failed or was stopped; the capture has its ending then.
  package func step() -> Bool {
    guard !capture.isAskedToStop else { return end(nil) }
    do throws(Failure) {
      switch try reader.read() {
      case .end: return end(nil)
      case .nothing: block.isFresh = true
      case .frames(let count): take(count)
      }
      return true
    } catch {
      return end(error)
    }
  }

  private func end(_ error: Failure?) -> Bool {
    capture.finish(error, warnings: reader.source.warnings)
    return false
  }

  private func take(_ count: Int) {
    block.start += block.count
    block.count = count
    let due = pacer.dueTime(ofFrame: block.end, now: clock.now)
    if due > clock.now { clock.sleep(until: due) }
    block.arrival = clock.now
    block.wall = clock.wall
    block.overruns = reader.source.overrunCount
    block.invalidSamples = reader.invalidSampleCount
    block.conditions = reader.conditions
    let samples = reader.samples
    capture.store(block, samples.span)
    block.isFresh = false
  }
}
