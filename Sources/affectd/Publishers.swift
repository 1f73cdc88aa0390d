import Affect
import NIOCore
import Publishing

/// Everyone who is told of an estimate. None of them makes the caller wait.
struct Publishers: Sendable {
  let socket: SocketServer
  let osc: [OSCSender]

  func publish(_ estimate: AffectEstimate, unixTime: Double) {
    socket.publish(ByteBuffer(string: AffectLine(estimate, unixTime: unixTime).json + "\n"))
    if !osc.isEmpty {
      let packet = ByteBuffer(bytes: OSCBundle(estimate).encoded())
      for sender in osc { sender.send(packet) }
    }
  }

  func close() async {
    for sender in osc { _ = await sender.close() }
    await socket.close()
  }
}
