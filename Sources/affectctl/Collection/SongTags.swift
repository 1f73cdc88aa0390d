import CTagLib
import Glibc
import Platform

/// What a sound file says of itself: enough to join its row with what beets, Navidrome, Lidarr and others know.
struct SongTags: Sendable, Equatable {
  /// In the order of ``names``; empty where the file does not say it.
  private(set) var values: [String]

  /// The columns of a row, and the properties of TagLib. MusicBrainz ids are called as beets calls them: `mb_trackid` is
  /// the recording's.
  static let names = ["artist", "title", "album", "mb_trackid", "mb_albumid", "mb_artistid"]
  private static let keys = [
    "ARTIST", "TITLE", "ALBUM", "MUSICBRAINZ_TRACKID", "MUSICBRAINZ_ALBUMID", "MUSICBRAINZ_ARTISTID",
  ]
  /// Characters of a value; the rest is cut off.
  private static let longest = 500

  /// Empty where the file has no tags, or none that TagLib knows.
  init(of path: String) {
    final class Box { var values = [String](repeating: "", count: SongTags.keys.count) }
    let box = Box()
    let keys = Self.keys.map { strdup($0) }
    defer { for key in keys { free(key) } }
    let pointers = keys.map { UnsafePointer($0) }
    _ = FileName.withPath(path) { path in
      affect_tags_read(
        path, pointers, Int32(pointers.count),
        { context, key, text, length in
          guard let context, let text else { return }
          let box = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
          let bytes = UnsafeBufferPointer(start: text, count: length).map(UInt8.init(bitPattern:))
          let value = String(decoding: bytes, as: UTF8.self)
          let index = Int(key)
          box.values[index] += (box.values[index].isEmpty ? "" : "; ") + value
        }, Unmanaged.passUnretained(box).toOpaque())
    }
    values = box.values.map(Self.cleaned)
  }

  /// A value is one line of a table.
  private static func cleaned(_ value: String) -> String {
    String(value.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) }.prefix(longest))
  }
}
