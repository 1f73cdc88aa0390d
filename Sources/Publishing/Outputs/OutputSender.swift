package import Affect
package import NIOCore
package import Platform

/// Whoever the ticks are sent to, by the configuration: one table of it.
package protocol OutputDestination: Sendable, Equatable {
  /// As the configuration calls it.
  var name: String { get }
}

/// Sends ticks to one destination, in its protocol. It never keeps a tick waiting: what a receiver does not take at once is
/// dropped and counted, and no output feels the trouble of another one.
///
/// Everything here runs on the event loop.
package protocol OutputSender: AnyObject {
  associatedtype Destination: OutputDestination

  var destination: Destination { get }
  var status: OutputStatus { get }

  /// - Parameter old: who has sent to the destination of the same name, by other settings, until now.
  init(_ destination: Destination, replacing old: Self?, _ surroundings: OutputSurroundings)

  func send(_ tick: PublishedTick)

  /// The configuration was read again, and this destination stays as it was.
  func renew()

  /// Nothing follows; nil if nobody takes over.
  func close(replacedBy next: Self?)

  /// Becomes true when everything is told after ``close(replacedBy:)``; nil where that is so at once.
  var ending: Locked<Bool>? { get }
}

extension OutputSender {
  package var ending: Locked<Bool>? { nil }
}

/// A tick as it is published.
package struct PublishedTick: Sendable {
  package let estimate: AffectEstimate
  /// Wall-clock time of the tick with the offset, seconds since 1970.
  package let unixTime: Double
  package let palette: MoodPalette

  package init(_ estimate: AffectEstimate, unixTime: Double, palette: MoodPalette = .standard) {
    self.estimate = estimate
    self.unixTime = unixTime
    self.palette = palette
  }
}

/// What a sender finds around it when it is made.
package struct OutputSurroundings {
  package let loop: any EventLoop
  package let lookUp: HostLookUp
  /// Told what does not work and what works again, on the event loop.
  package let onRemark: @Sendable (PublishingRemark) -> Void
  /// Whether the device is lost at the moment.
  package let inputIsMissing: Bool
  /// Of this affectd, for receivers of sACN.
  package let component: ComponentIdentifier

  package init(
    loop: any EventLoop, lookUp: HostLookUp = .system, inputIsMissing: Bool = false,
    component: ComponentIdentifier = .random(), onRemark: @escaping @Sendable (PublishingRemark) -> Void
  ) {
    self.loop = loop
    self.lookUp = lookUp
    self.inputIsMissing = inputIsMissing
    self.component = component
    self.onRemark = onRemark
  }
}

/// How an output fares.
package struct OutputStatus: Sendable, Equatable {
  package let name: String
  /// Where it sends to, as the user wrote it.
  package let host: String
  /// The address in numbers, with the port; nil if none is known or there is none.
  package var address: String?
  /// What is wrong; nil if nothing is.
  package var problem: String?
  /// Whether what was sent last went out.
  package var isUp: Bool
  /// Packets or messages that went out, and those that did not.
  package var sent: Int
  package var dropped: Int

  /// For the report of the state.
  var json: JSONLine {
    var line = JSONLine()
    line.add("host", host)
    if let address { line.add("address", address) }
    if let problem { line.add("problem", problem) }
    return line
  }
}
