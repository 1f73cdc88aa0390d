import ArgumentParser
import Glibc
import Platform

/// A picture that is written at the end of some work: SVG as it is, or PNG by librsvg's `rsvg-convert`.
struct PictureFile {
  private let path: String
  private let file: OutputFile
  private let isPNG: Bool

  /// Pixels of the PNG for one of the SVG: slides and screens are finer than 96 dots per inch.
  private static let zoom = 2
  private static let converter = "rsvg-convert"

  /// - Parameters:
  ///   - path: ends in `.svg` or `.png`.
  ///   - inputs: files that are read; none of them can be the place.
  /// - Throws: ``Failure`` if nothing can be written there, or there is no converter for a PNG.
  init(_ path: String, inputs: [String] = []) throws {
    let name = path.lowercased()
    isPNG = name.hasSuffix(".png")
    guard isPNG || name.hasSuffix(".svg") else {
      throw Failure(.usage, "\(path): expected the name of a picture that ends in .svg or .png")
    }
    self.path = path
    file = try OutputFile(path: path, inputs: inputs)
    guard !isPNG || Self.converterIsThere else {
      throw Failure(
        .unavailable, "\(path): PNG needs \(Self.converter), which is not there: install librsvg2-bin, or name a .svg")
    }
  }

  /// What a picture of the file or folder at `path` is called.
  static func title(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  private static var converterIsThere: Bool {
    let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return folders.split(separator: ":").contains { access("\($0)/\(converter)", X_OK) == 0 }
  }

  /// Writes the picture, which is there whole or not at all.
  ///
  /// - Throws: ``Failure`` if it cannot be written.
  func write(svg: String) throws {
    guard isPNG else {
      // The picture ends with a newline of its own.
      try file.writeLine(String(svg.dropLast()))
      return try file.finish()
    }
    try file.write(try Self.png(svg, path))
    try file.finish()
  }

  /// What the converter makes of `svg`.
  private static func png(_ svg: String, _ path: String) throws(Failure) -> [UInt8] {
    // Files without names, since two pipes could wait for each other.
    let (input, output) = (tmpfile(), tmpfile())
    defer { for file in [input, output] { if let file { fclose(file) } } }
    guard let input, let output, FileBytes.write(Array(svg.utf8)[...], to: fileno(input)),
      lseek(fileno(input), 0, SEEK_SET) == 0
    else { throw Failure(.cannotCreate, "\(path): \(String(cString: strerror(errno)))") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, fileno(output), STDOUT_FILENO)
    let words: [String] = [converter, "--format=png", "--zoom=\(zoom)"]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    guard posix_spawnp(&child, converter, &actions, nil, &arguments, environ) == 0 else {
      throw Failure(.unavailable, "\(path): \(converter) could not be started")
    }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else { throw Failure(.cannotCreate, "\(path): \(converter) could not make a picture of it") }
    let size = Int(lseek(fileno(output), 0, SEEK_END))
    lseek(fileno(output), 0, SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: size)
    var count = 0
    while count < size {
      let part = bytes.withUnsafeMutableBytes {
        read(fileno(output), $0.baseAddress?.advanced(by: count), size - count)
      }
      guard part > 0 else { break }
      count += part
    }
    return bytes
  }
}
