import CommandLineSupport
import Glibc
import Platform

/// How many files the system lets this process open: each client of the socket takes one.
enum SystemLimits {
  /// Descriptors that are not for clients: 64 destinations each of OSC, DMX and WLED, and as many for the device, the
  /// sockets, the broker, the sequencer, logs and files of the C library.
  static let ownDescriptors = 256

  /// Raises the limit as far as the system allows.
  ///
  /// - Returns: the clients that can be served.
  /// - Throws: ``Failure`` if not even affectd itself can run.
  static func raiseDescriptorLimit() throws(Failure) -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return .max }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
    getrlimit(resource, &limit)
    let descriptors = Int(clamping: limit.rlim_cur)
    guard descriptors > ownDescriptors else {
      throw Failure(
        .unavailable,
        "this process may open only \(descriptors) files, at least \(ownDescriptors + 1) are needed: raise ulimit -n, "
          + "or LimitNOFILE= in the unit")
    }
    return descriptors - ownDescriptors
  }
}
