internal import CMosquitto
internal import Glibc
internal import Platform

/// A connection to an MQTT broker, from its opening to its end (libmosquitto, MQTT 3.1.1). It can be told things, and asks
/// for nothing.
///
/// Used on one thread.
final class MQTTConnection {
  private let handle: OpaquePointer
  private let user: String?
  private let answers: Answers
  private let start = SystemClock().now
  private var incoming: TokenBucket

  /// What the library calls back with.
  private final class Answers {
    /// Of the broker, to the wish to connect; 0 is yes.
    var code: Int32?
    /// The last error that the library wrote.
    var message: String?
  }

  /// Seconds for which the broker may be silent.
  private static let keepAlive: Int32 = 15
  /// Seconds in which it has to answer at first.
  private static let patience = 10.0
  /// Bytes per second that may come in, on average and at once: a broker has little to say to who asks for nothing.
  private static let incomingLimit = (rate: 1024.0, burst: 65_536.0)

  private static let library: Void = { _ = mosquitto_lib_init() }()

  /// Begins to connect. Looks the host up and waits for the network.
  ///
  /// - Throws: ``Failure`` if there is no way to the broker.
  init(_ destination: MQTTDestination, will: MQTTMessage) throws(Failure) {
    Self.library
    answers = Answers()
    user = destination.user
    let now = SystemClock().now
    incoming = TokenBucket(rate: Self.incomingLimit.rate, burst: Self.incomingLimit.burst, now: now)
    guard let handle = mosquitto_new(nil, true, Unmanaged.passUnretained(answers).toOpaque()) else {
      throw Failure(.unavailable, "no memory")
    }
    self.handle = handle
    mosquitto_connect_callback_set(handle) { _, answers, code in MQTTConnection.answers(answers)?.code = code }
    mosquitto_log_callback_set(handle) { _, answers, level, text in
      guard Int(level) == MOSQ_LOG_ERR, let text else { return }
      MQTTConnection.answers(answers)?.message = String(cString: text)
    }
    let payload = Array(will.payload.utf8)
    mosquitto_will_set(handle, will.topic, Int32(payload.count), payload, will.quality, true)
    let password = try destination.passwordFile.map { path throws(Failure) in try Self.password(path) }
    if let user = destination.user { mosquitto_username_pw_set(handle, user, password) }
    if destination.isEncrypted {
      let isFile = destination.authorities != nil
      if let path = destination.authorities, FileName.withPath(path, { access($0, R_OK) }) != 0 {
        throw Failure(.unavailable, "the certificates of \(path) cannot be read: \(String(cString: strerror(errno)))")
      }
      try check(
        mosquitto_tls_set(handle, destination.authorities, isFile ? nil : "/etc/ssl/certs", nil, nil, nil),
        "the certificates of \(destination.authorities ?? "/etc/ssl/certs") cannot be used")
    }
    let endpoint = destination.endpoint
    try check(mosquitto_connect(handle, endpoint.host, Int32(endpoint.port), Self.keepAlive), "cannot connect")
  }

  deinit { mosquitto_destroy(handle) }

  private static func answers(_ pointer: UnsafeMutableRawPointer?) -> Answers? {
    pointer.map { Unmanaged<Answers>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Whether the broker has taken the connection.
  var isOpen: Bool { answers.code == 0 }

  /// Whether what was published last is still on its way out.
  var isBusy: Bool { mosquitto_want_write(handle) }

  /// Hands a message over, to be retained by the broker.
  func publish(_ message: MQTTMessage) throws(Failure) {
    let payload = Array(message.payload.utf8)
    try check(
      mosquitto_publish(handle, nil, message.topic, Int32(payload.count), payload, message.quality, true),
      "cannot publish")
  }

  /// Waits until something is to be read or written, `descriptor` can be read, or the time is over; and reads and writes.
  ///
  /// - Throws: ``Failure`` if the connection is lost or refused.
  func turn(waitingFor descriptor: Int32, seconds: Double) throws(Failure) {
    let socket = mosquitto_socket(handle)
    guard socket >= 0 else { throw Failure(.unavailable, "the broker closed the connection") }
    let isReadable = Readiness.wait(
      input: socket, output: isBusy ? socket : -1, other: descriptor, seconds: seconds)
    if isReadable { try read(socket) }
    if isBusy { try check(mosquitto_loop_write(handle, 1), "the connection is lost") }
    try check(mosquitto_loop_misc(handle), "the broker is silent")
    if answers.code == nil, SystemClock().now - start > Self.patience {
      throw Failure(.unavailable, "the broker does not answer")
    }
  }

  /// Says goodbye, which keeps the broker from telling the last will.
  func close(within seconds: Double) {
    let end = SystemClock().now + seconds
    func flush() {
      while isBusy, SystemClock().now < end {
        Readiness.wait(input: -1, output: mosquitto_socket(handle), seconds: 0.05)
        guard mosquitto_loop_write(handle, 1) == MOSQ_ERR_SUCCESS.rawValue else { return }
      }
    }
    flush()
    mosquitto_disconnect(handle)
    flush()
  }

  private func read(_ socket: Int32) throws(Failure) {
    var waiting: Int32 = 0
    _ = ioctl(socket, UInt(FIONREAD), &waiting)
    guard incoming.take(Double(max(1, waiting)), now: SystemClock().now) else {
      throw Failure(.unavailable, "the broker sends what nobody asked for")
    }
    try check(mosquitto_loop_read(handle, 1), "the connection is lost")
  }

  private func check(_ result: Int32, _ what: String) throws(Failure) {
    let reason = errno
    guard result != MOSQ_ERR_SUCCESS.rawValue else { return }
    if let code = answers.code, code != 0 {
      let who = user.map { "as user '\($0)'" } ?? "without a user name"
      throw Failure(.unavailable, "the broker refuses: \(Self.plain(mosquitto_connack_string(code))) (\(who))")
    }
    let text =
      switch result {
      case MOSQ_ERR_ERRNO.rawValue: String(cString: strerror(reason))
      case MOSQ_ERR_EAI.rawValue: String(cString: gai_strerror(reason))
      case MOSQ_ERR_TLS.rawValue: answers.message ?? Self.plain(mosquitto_strerror(result))
      default: Self.plain(mosquitto_strerror(result))
      }
    throw Failure(.unavailable, "\(what): \(text)")
  }

  /// The library's words without their full stop.
  private static func plain(_ text: UnsafePointer<CChar>?) -> String {
    let text = text.map { String(cString: $0) } ?? "unknown"
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// The first line of the file at `path`.
  private static func password(_ path: String) throws(Failure) -> String {
    let descriptor = FileName.withPath(path) { Glibc.open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw Failure(.unavailable, "the password file \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { Glibc.close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    let line = bytes[..<max(0, count)].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty, !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
      throw Failure(.unavailable, "the password file \(path) has no password in its first line")
    }
    return text
  }
}
