internal import Glibc
internal import NIOCore

/// What the system says of `error`, in its own words where they are known.
func systemReason(_ error: any Error) -> String {
  guard let error = error as? IOError else { return "\(error)" }
  return String(cString: strerror(error.errnoCode))
}
