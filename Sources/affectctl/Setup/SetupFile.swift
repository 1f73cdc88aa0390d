package import Affect
package import Publishing

/// The configuration that `affectctl setup` writes: what was chosen, with a sentence for each, and what one would change
/// next.
package struct SetupFile {
  package var input: String
  package var hop: Hop
  /// Nil for nobody.
  package var osc: HostEndpoint?

  package init(input: String, hop: Hop, osc: HostEndpoint?) { (self.input, self.hop, self.osc) = (input, hop, osc) }

  package var text: String {
    let destination =
      if let osc {
        """
        # Where the values go by OSC, such as a lighting desk or visuals. Another one is another table, [osc.NAME].
        [osc.main]
        host = \(JSONLine.quoted(osc.host))
        port = \(osc.port)
        # A desk that wants 0 to 1, and at most 20 values a second:
        #   range = [0.0, 1.0]
        #   rate = 20.0
        """
      } else {
        """
        # Nothing is sent by OSC. The values are on the socket (affectctl monitor).
        [osc]
        enabled = false
        """
      }
    return """
      # affectd's settings, made by affectctl setup. docs/configuration.md has all of them.

      [input]
      # What is listened to: affectctl devices lists the inputs.
      source = \(JSONLine.quoted(input))

      [tracking]
      # Seconds from one value to the next.
      hop = \(hop.seconds)

      \(destination)

      # A page with the live view, for a browser on this machine: http://127.0.0.1:9480/
      #[web]
      #enabled = true

      """
  }
}
