internal import Publishing

extension FuzzEntry {
  static func acceptsSocketRequest(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
    let request: SocketRequest
    do {
      request = try SocketRequest(line: bytes)
    } catch {
      // The message goes back to the client: it must not grow with what the client sent.
      try BrokenPromise.unless((1...2048).contains(error.message.utf8.count), "a mistake is told in a few words")
      return false
    }
    switch request.call {
    case .command(.mark(let label)):
      try BrokenPromise.unless(label.utf8.count <= ControlCommand.labelLimit, "a label is short, found \(label)")
    case .command(.calibrate(let seconds, _)):
      try BrokenPromise.unless(
        ControlCommand.calibrationTimes.contains(seconds), "a calibration is of bounded length, found \(seconds)")
    case .command(.set(let adjustment)):
      try BrokenPromise.unless(
        (adjustment.gain ?? 0).isFinite && (adjustment.offset ?? 0).isFinite, "numbers are finite, found \(adjustment)")
    case .subscribe(let subscription):
      try BrokenPromise.unless(
        subscription.rate.map { Subscription.rates.contains($0) } ?? true,
        "a rate lies in its range, found \(subscription)")
    default: break
    }
    return true
  }
}
