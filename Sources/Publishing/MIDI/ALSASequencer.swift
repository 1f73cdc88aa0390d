internal import CALSA
internal import Glibc
internal import Platform

/// A client of the ALSA sequencer with one port, from which others may read (alsa-lib, "Sequencer interface"). Nothing here
/// waits.
///
/// Used on one thread.
final class ALSASequencer {
  private let sequencer: OpaquePointer
  private let coder: OpaquePointer
  private let port: Int32

  /// - Throws: ``Failure`` if there is no sequencer.
  init(client: String) throws(Failure) {
    affectd_alsa_silence_messages()
    var sequencer: OpaquePointer?
    let result = snd_seq_open(&sequencer, "default", SND_SEQ_OPEN_OUTPUT, SND_SEQ_NONBLOCK)
    guard result == 0, let sequencer else {
      let advice = result == -ENOENT ? "; the kernel's module is loaded by: modprobe snd-seq" : ""
      throw Failure(.unavailable, "the ALSA sequencer cannot be opened: \(Self.text(result))\(advice)")
    }
    snd_seq_set_client_name(sequencer, client)
    let port = snd_seq_create_simple_port(
      sequencer, "out", UInt32(SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ),
      UInt32(SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_APPLICATION))
    var coder: OpaquePointer?
    guard port >= 0, snd_midi_event_new(16, &coder) == 0, let coder else {
      snd_seq_close(sequencer)
      throw Failure(.unavailable, "the ALSA sequencer gives no port: \(Self.text(port))")
    }
    (self.sequencer, self.coder, self.port) = (sequencer, coder, port)
  }

  deinit {
    snd_midi_event_free(coder)
    snd_seq_close(sequencer)
  }

  /// Connects the port to another one, as aconnect(1) names it, if it is not connected.
  ///
  /// - Returns: whether it was not connected before.
  /// - Throws: ``Failure`` if there is no such port, or it cannot be connected to.
  func connect(to text: String) throws(Failure) -> Bool {
    var address = snd_seq_addr_t()
    var result = snd_seq_parse_address(sequencer, &address, text)
    if result == 0 { result = snd_seq_connect_to(sequencer, port, Int32(address.client), Int32(address.port)) }
    switch result {
    case 0: return true
    case -EBUSY: return false
    default:
      throw Failure(
        .unavailable, "the port '\(text)' cannot be connected to: \(Self.text(result)): aconnect -o lists them")
    }
  }

  /// Sends a message of MIDI 1.0.
  ///
  /// - Returns: whether the sequencer took it.
  func send(_ message: [UInt8]) -> Bool {
    var event = snd_seq_event_t()
    guard snd_midi_event_encode(coder, message, message.count, &event) == message.count,
      event.type != UInt8(SND_SEQ_EVENT_NONE.rawValue)
    else { return false }
    affectd_seq_to_subscribers(&event, port)
    return snd_seq_event_output_direct(sequencer, &event) >= 0
  }

  private static func text(_ result: Int32) -> String { String(cString: snd_strerror(result)) }
}
