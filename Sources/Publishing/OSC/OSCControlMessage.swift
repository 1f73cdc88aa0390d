internal import Platform

/// A message of the control port, understood.
enum OSCControlMessage: Equatable {
  case command(ControlCommand)
  /// Answered with the same arguments.
  case ping([OSCArgument])
  /// To this port; nil for the one that the message came from.
  case subscribe(port: Int?)
  case unsubscribe(port: Int?)
  /// A button that was let go: it sends 0 after the 1 that was meant.
  case released

  /// The addresses.
  enum Name: String, CaseIterable {
    case pause = "/affect/pause"
    case resume = "/affect/resume"
    case freeze = "/affect/freeze"
    case reset = "/affect/reset"
    case mark = "/affect/mark"
    case smoothing = "/affect/smoothing"
    case gain = "/affect/gain"
    case offset = "/affect/offset"
    case calibrate = "/affect/calibrate"
    case ping = "/affect/ping"
    case subscribe = "/affect/subscribe"
    case unsubscribe = "/affect/unsubscribe"
  }

  /// - Throws: what is wrong with the arguments.
  init(_ name: Name, _ arguments: [OSCArgument]) throws(Failure) {
    let isButton = [.pause, .resume, .freeze, .reset].contains(name)
    guard !isButton || !Self.isRelease(arguments) else {
      self = .released
      return
    }
    switch name {
    case .pause: self = .command(.pause)
    case .resume: self = .command(.resume)
    case .freeze: self = .command(.freeze)
    case .reset: self = .command(.reset)
    case .mark:
      switch arguments.first {
      case nil: self = .command(.mark(""))
      case .string(let label) where label.utf8.count <= ControlCommand.labelLimit: self = .command(.mark(label))
      default: throw Failure(.usage, "expected a text of at most \(ControlCommand.labelLimit) bytes")
      }
    case .smoothing:
      guard case .string(let text) = arguments.first else {
        throw Failure(.usage, "expected a text: adaptive, one-euro, none or exponential:SECONDS")
      }
      self = .command(.set(.init(smoothing: text)))
    case .gain: self = .command(.set(.init(gain: try Self.number(arguments, "decibels"))))
    case .offset: self = .command(.set(.init(offset: try Self.number(arguments, "milliseconds"))))
    case .calibrate:
      let seconds = arguments.isEmpty ? 30 : try Self.number(arguments, "seconds")
      let range = ControlCommand.calibrationTimes
      guard range.contains(seconds) else {
        throw Failure(.usage, "expected \(range.lowerBound) to \(range.upperBound) seconds")
      }
      self = .command(.calibrate(seconds: seconds))
    case .ping: self = .ping(arguments)
    case .subscribe: self = .subscribe(port: try Self.port(arguments))
    case .unsubscribe: self = .unsubscribe(port: try Self.port(arguments))
    }
  }

  private static func isRelease(_ arguments: [OSCArgument]) -> Bool {
    arguments.first == .bool(false) || arguments.first?.number == 0
  }

  private static func number(_ arguments: [OSCArgument], _ unit: String) throws(Failure) -> Double {
    guard let number = arguments.first?.number, number.isFinite else {
      throw Failure(.usage, "expected a number of \(unit)")
    }
    return number
  }

  private static func port(_ arguments: [OSCArgument]) throws(Failure) -> Int? {
    guard let argument = arguments.first else { return nil }
    guard let number = argument.number, let port = Int(exactly: number), (1...65_535).contains(port) else {
      throw Failure(.usage, "expected no argument, or a port from 1 to 65535 as a number")
    }
    return port
  }
}
