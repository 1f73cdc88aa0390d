internal import CAvahi
internal import Platform

/// Tells the local network that there is a service on this host (DNS-SD, RFC 6763), through Avahi, where that runs. Where it
/// does not, nothing happens, and it is looked for again from time to time. A name that somebody else has gets a number.
///
/// On a thread of its own, until it is let go.
final class ServiceAnnouncement: Sendable {
  private let shared: Locked<Shared>

  /// What the thread and the owner both touch. The poll is made and freed by the thread; `avahi_simple_poll_wakeup` and
  /// `avahi_simple_poll_quit` are its only functions that others may call, and they call with the lock held.
  private struct Shared: @unchecked Sendable {
    var isEnding = false
    var establishedName: String?
    var poll: OpaquePointer?
  }

  /// Seconds until the next look where there is no system bus, and until Avahi is waited for again after it has gone.
  fileprivate static let patience = 60.0
  fileprivate static let breath = 1.0

  /// - Parameters:
  ///   - name: what people see.
  ///   - type: such as `_osc._udp`.
  init(name: String, type: String, port: Int) {
    shared = Locked(Shared())
    let worker = Worker(shared: shared, name: name, type: type, port: port)
    startThread(name: "avahi") { worker.run() }
  }

  deinit { end() }

  /// The name that it has on the network; nil while it is not announced.
  var establishedName: String? { shared.withValue { $0.establishedName } }

  /// Takes the announcement back.
  func end() {
    shared.withValue { shared in
      shared.isEnding = true
      if let poll = shared.poll { avahi_simple_poll_quit(poll) }
    }
  }

  private struct Worker: Sendable {
    let shared: Locked<Shared>
    let name: String
    let type: String
    let port: Int

    func run() {
      while !shared.withValue({ $0.isEnding }) {
        let pause = announce() ? ServiceAnnouncement.breath : ServiceAnnouncement.patience
        shared.withValue(when: { $0.isEnding }, within: pause, do: { _ in })
      }
    }

    /// Announces until Avahi goes or nobody wants it any more. An Avahi that is not there yet is waited for.
    ///
    /// - Returns: whether it could be there: false without a system bus.
    private func announce() -> Bool {
      guard let poll = avahi_simple_poll_new() else { return false }
      defer { avahi_simple_poll_free(poll) }
      let isWanted = shared.withValue { shared in
        if !shared.isEnding { shared.poll = poll }
        return !shared.isEnding
      }
      defer {
        shared.withValue { shared in
          shared.poll = nil
          shared.establishedName = nil
        }
      }
      guard isWanted else { return true }
      let session = Session(poll: poll, name: name, type: type, port: UInt16(port)) { [shared] name in
        shared.withValue { $0.establishedName = name }
      }
      let context = Unmanaged.passUnretained(session).toOpaque()
      var error: Int32 = 0
      let client = avahi_client_new(
        avahi_simple_poll_get(poll), AVAHI_CLIENT_NO_FAIL,
        { client, state, context in
          guard let client, let context else { return }
          Unmanaged<Session>.fromOpaque(context).takeUnretainedValue().clientChanged(client, state)
        }, context, &error)
      guard let client else { return false }
      // It frees its groups, too.
      defer { avahi_client_free(client) }
      withExtendedLifetime(session) {
        while avahi_simple_poll_iterate(poll, -1) == 0 {}
      }
      return true
    }
  }
}

/// One time that Avahi is there.
private final class Session {
  private let poll: OpaquePointer
  private var name: String
  private let type: String
  private let port: UInt16
  private let onName: (String) -> Void
  private var group: OpaquePointer?

  init(poll: OpaquePointer, name: String, type: String, port: UInt16, onName: @escaping (String) -> Void) {
    self.poll = poll
    self.name = name
    self.type = type
    self.port = port
    self.onName = onName
  }

  /// Called by the library.
  func clientChanged(_ client: OpaquePointer, _ state: AvahiClientState) {
    switch state {
    case AVAHI_CLIENT_S_RUNNING: announce(client)
    case AVAHI_CLIENT_S_COLLISION, AVAHI_CLIENT_S_REGISTERING:
      // The host gets another name; the service is announced under it.
      if let group { avahi_entry_group_reset(group) }
    case AVAHI_CLIENT_FAILURE:
      // A client that lost Avahi is of no use any more.
      avahi_simple_poll_quit(poll)
    default: break
    }
  }

  private func announce(_ client: OpaquePointer) {
    if group == nil {
      group = avahi_entry_group_new(
        client,
        { group, state, context in
          guard let group, let context else { return }
          Unmanaged<Session>.fromOpaque(context).takeUnretainedValue().groupChanged(group, state)
        }, Unmanaged.passUnretained(self).toOpaque())
    }
    if let group { add(to: group) }
  }

  private func add(to group: OpaquePointer) {
    // Another program of this host may have the name: a second affectd.
    for _ in 0..<100 {
      let result = affectd_avahi_add(group, name, type, port)
      guard result == AVAHI_ERR_COLLISION else {
        if result == AVAHI_OK { avahi_entry_group_commit(group) }
        return
      }
      takeNextName()
    }
  }

  private func groupChanged(_ group: OpaquePointer, _ state: AvahiEntryGroupState) {
    switch state {
    case AVAHI_ENTRY_GROUP_ESTABLISHED: onName(name)
    case AVAHI_ENTRY_GROUP_COLLISION:
      takeNextName()
      add(to: group)
    default: break
    }
  }

  private func takeNextName() {
    guard let next = avahi_alternative_service_name(name) else { return }
    name = String(cString: next)
    avahi_free(next)
  }
}
