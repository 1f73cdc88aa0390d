internal import Glibc

/// A value that one thread at a time reads or changes. The standard library's `Mutex` is invisible to the thread
/// sanitizer, which then reports races that are none; it sees pthread's.
///
/// `@unchecked`, because the compiler does not know that the mutex guards the value: it is touched in `withValue` alone,
/// with the mutex held.
public final class Locked<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  public init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(change, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(mutex)
    change.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` with the value, while nobody else has it.
  public func withValue<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(change)
      pthread_mutex_unlock(mutex)
    }
    return try body(&value)
  }

  /// Runs `body` with the value once `isReady` is true of it; returns nil if that takes more than `seconds`.
  @discardableResult
  public func withValue<Result>(
    when isReady: (Value) -> Bool, within seconds: Double? = nil, do body: (inout Value) throws -> Result
  ) rethrows -> Result? {
    var deadline = timespec()
    if let seconds {
      clock_gettime(CLOCK_MONOTONIC, &deadline)
      let nanoseconds = deadline.tv_nsec + Int(seconds * 1e9)
      deadline = timespec(tv_sec: deadline.tv_sec + nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    }
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(change)
      pthread_mutex_unlock(mutex)
    }
    while !isReady(value) {
      if seconds == nil {
        pthread_cond_wait(change, mutex)
      } else if pthread_cond_timedwait(change, mutex, &deadline) != 0 {
        return nil
      }
    }
    return try body(&value)
  }
}
