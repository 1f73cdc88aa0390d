internal import Glibc

/// Waiting for descriptors (poll(2)).
package enum Readiness {
  /// Waits until `input` or `other` can be read, or `output` written, or so many seconds are over. Negative descriptors
  /// are none.
  ///
  /// - Returns: whether `input` has something to be read, its end or an error too.
  @discardableResult
  package static func wait(
    input: Int32, output: Int32 = -1, other: Int32 = -1, seconds: Double
  ) -> Bool {
    var entries = [
      pollfd(fd: input, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: other, events: Int16(POLLIN), revents: 0),
    ]
    poll(&entries, nfds_t(entries.count), Int32((seconds * 1e3).rounded(.up)))
    return entries[0].revents != 0
  }
}
