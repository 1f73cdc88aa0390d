internal import COpenBLAS

/// Settings of the library that computes matrix products (OpenBLAS).
public enum MatrixProducts {
  /// Keeps matrix products on the calling thread. The networks here are small, and a thread that waits for another
  /// one has no bounded latency. To be called once, before the first network runs.
  public static func useCallingThreadOnly() {
    openblas_set_num_threads(1)
  }
}
