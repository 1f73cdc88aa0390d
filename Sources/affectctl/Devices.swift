import ArgumentParser
import AudioInput
import CommandLineSupport
import Publishing

struct Devices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the capture devices, as --input takes them.")

  @Flag(help: "Print a JSON array for programs.")
  var json = false

  func run() async throws {
    let devices = CaptureDevice.all()
    guard json else {
      Console.writeOutput(DeviceTable.text(devices) + "\n")
      return
    }
    let objects = devices.map { device in
      var line = JSONLine()
      line.add("input", device.input)
      line.add("description", device.description)
      return line.object
    }
    Console.writeOutput("[\(objects.joined(separator: ",\n "))]\n")
  }
}
