/// A reader of bytes that come from outside, as a fuzzer and the corpus tests feed it. The raw value is the name of its
/// corpus and of its fuzzer.
public enum FuzzEntry: String, Sendable, CaseIterable {
  /// The TOML configuration.
  case configuration = "Configuration"
  /// OSC packets that come in.
  case osc = "OSC"
  /// A recording that is played again.
  case recording = "Recording"
  /// Weights and models.
  case safetensors = "Safetensors"
  /// A line that a client of the socket sends.
  case socketRequest = "SocketRequest"

  /// Lets the reader read `bytes`.
  ///
  /// - Returns: Whether it accepted them.
  /// - Throws: ``BrokenPromise`` if it read them into something that it says cannot be.
  public func accepts(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
    switch self {
    case .configuration: try Self.acceptsConfiguration(bytes)
    case .osc: try Self.acceptsOSC(bytes)
    case .recording: try Self.acceptsRecording(bytes)
    case .safetensors: try Self.acceptsSafetensors(bytes)
    case .socketRequest: try Self.acceptsSocketRequest(bytes)
    }
  }

  /// What libFuzzer calls for every input. A broken promise ends the process, which libFuzzer reports with the input.
  public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
    do throws(BrokenPromise) {
      _ = try accepts(Array(UnsafeBufferPointer(start: bytes, count: count)))
    } catch {
      fatalError(error.description)  // a finding
    }
  }
}
