internal import CALSA
internal import Glibc
internal import Platform

/// What a capture device says when it is tried.
public struct DeviceProbe: Sendable {
  public enum Outcome: Sendable, Equatable {
    /// It gives audio: Hz and channels as affectd would take them.
    case works(AudioFormat)
    /// Why it does not.
    case fails(String)
    /// It has not answered in time.
    case hangs
  }

  public let device: CaptureDevice
  public let outcome: Outcome
  /// The program that has it, as far as that is known: its name and its process.
  public let owner: String?

  /// Seconds that a device may take. Some wait for a server that does not come.
  static let patience = 3.0

  /// Opens and starts each device for a moment, one after the other.
  public static func all() -> [DeviceProbe] {
    CaptureDevice.all().map { device in
      let outcome = outcome(of: device)
      let isBusy = if case .fails(let reason) = outcome { reason.contains("in use") } else { false }
      return DeviceProbe(device: device, outcome: outcome, owner: isBusy ? owner(of: device) : nil)
    }
  }

  private static func outcome(of device: CaptureDevice) -> Outcome {
    let name = String(device.input.dropFirst("alsa:".count))
    let result = Locked<Outcome?>(nil)
    startThread(name: "probe") {
      let outcome: Outcome
      do throws(Failure) {
        outcome = .works(try ALSASource(name: name, leastChannelCount: 1).format)
      } catch {
        outcome = .fails(error.description.replacing("\(device.input): ", with: ""))
      }
      result.withValue { $0 = outcome }
    }
    return result.withValue(when: { $0 != nil }, within: patience, do: { $0 ?? .hangs }) ?? .hangs
  }

  /// Who captures from the card, by what ALSA's kernel part says of it (`/proc/asound`).
  private static func owner(of device: CaptureDevice) -> String? {
    guard let card = device.input.firstMatch(of: /CARD=([^,]+)/)?.1 else { return nil }
    let index = snd_card_get_index(String(card))
    guard index >= 0 else { return nil }
    for pcm in 0..<8 {
      for part in 0..<8 {
        guard let status = text("/proc/asound/card\(index)/pcm\(pcm)c/sub\(part)/status"),
          let process = status.firstMatch(of: /owner_pid\s*:\s*(\d+)/)?.1
        else { continue }
        let name = text("/proc/\(process)/comm")?.split(separator: "\n").first.map(String.init)
        return name.map { "\($0) (process \(process))" } ?? "process \(process)"
      }
    }
    return nil
  }

  private static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}

extension DeviceProbe {
  /// The outcome in words.
  public var summary: String {
    switch outcome {
    case .works(let format):
      "\(format.sampleRate) Hz, \(format.channelCount) \(format.channelCount == 1 ? "channel" : "channels")"
    case .fails(let reason): owner.map { "in use by \($0)" } ?? reason
    case .hangs: "does not answer"
    }
  }
}
