internal import Glibc

/// The machine that the program runs on.
public enum Machine {
  /// Processor cores that are there to work on.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
