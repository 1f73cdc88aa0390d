import Affect
import AudioInput
import CommandLineSupport
import Embedding
import Publishing
import Tracking

/// Everything that the daemon can be told, from the configuration file and the command line.
struct Configuration: Equatable {
  var input = AudioInputName.alsa("default")
  /// The input as the user wrote it.
  var inputText = "alsa:default"
  var pipeline = PipelineSettings()
  /// Path of the Unix socket; nil for the usual place.
  var socket: String?
  var osc = [OSCDestination.standard]

  mutating func setInput(_ text: String) throws {
    input = try AudioInputName(text)
    inputText = text
  }
}
