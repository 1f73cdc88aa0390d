import Foundation
import NeuralNetwork
import Platform
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  private let directory = try! TemporaryDirectory()  // no test here makes sense without it

  /// Writes a file from its header and data.
  private func file(_ header: String, data: [UInt8] = [], length: Int? = nil) throws -> String {
    var bytes = withUnsafeBytes(of: UInt64(length ?? header.utf8.count).littleEndian) { Data($0) }
    bytes += Data(header.utf8) + Data(data)
    return try directory.write(bytes, to: "\(UUID().uuidString).safetensors")
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let path = directory.file("a.safetensors")
    let first = Tensor(shape: [2, 3], values: [1, -2.5, 3, .leastNonzeroMagnitude, 1e30, 0])
    let empty = Tensor(shape: [0, 200], values: [])
    try SafetensorsWriter.write(
      [("first", first), ("with \"quotes\"/é", empty)], metadata: ["key": "line\nbreak"], to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.tensorNames == ["first", "with \"quotes\"/é"])
    #expect(file.metadata == ["key": "line\nbreak"])
    #expect(try file.tensor("first") == first)
    #expect(try file.tensor("with \"quotes\"/é", shape: [0, 200]) == empty)
    #expect(file.shape(of: "first") == [2, 3])
    #expect(file.shape(of: "none") == nil)
  }

  @Test func allNumberTypesAreConverted() throws {
    let header = """
      {"f16":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"bf16":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},\
      "f64":{"dtype":"F64","shape":[1],"data_offsets":[6,14]},"i32":{"dtype":"I32","shape":[1],"data_offsets":[14,18]},\
      "i64":{"dtype":"I64","shape":[1],"data_offsets":[18,26]}}
      """
    let data: [UInt8] =
      [0x00, 0x3C, 0x00, 0xC5] + [0x80, 0x3F] + [0, 0, 0, 0, 0, 0, 0xF8, 0xBF] + [0xFE, 0xFF, 0xFF, 0xFF]
      + [7, 0, 0, 0, 0, 0, 0, 0]
    let file = try SafetensorsFile(path: file(header, data: data))
    #expect(try file.tensor("f16").values == [1, -5])
    #expect(try file.tensor("bf16").values == [1])
    #expect(try file.tensor("f64").values == [-1.5])
    #expect(try file.tensor("i32").values == [-2])
    #expect(try file.tensor("i64").values == [7])
  }

  @Test func aTensorThatIsMissingOrOfAnotherShapeIsNamedWithWhatWasExpected() throws {
    let path = directory.file("shape.safetensors")
    try SafetensorsWriter.write([("a", Tensor(zeros: [2, 3]))], to: path)
    let file = try SafetensorsFile(path: path)
    let missing = message { _ = try file.tensor("b", shape: [4]) }
    #expect(missing.contains(path) && missing.contains("'b'") && missing.contains("[4]") && missing.contains("'a'"))
    let other = message { _ = try file.tensor("a", shape: [3, 2]) }
    #expect(other.contains("'a'") && other.contains("[2, 3]") && other.contains("[3, 2]"))
  }

  @Test func valuesThatAreNotFiniteAreRefused() throws {
    let path = directory.file("nan.safetensors")
    // Nobody is to write what nobody can read.
    let refused = message { try SafetensorsWriter.write([("a", Tensor(shape: [2], values: [1, .nan]))], to: path) }
    #expect(refused.contains("tensor 'a' holds values that are not finite"))
    try SafetensorsWriter.write([("a", Tensor(shape: [2], values: [1, 2]))], to: path)
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes.replaceSubrange((bytes.count - 4)..., with: [0, 0, 0xC0, 0x7F])
    try bytes.write(to: URL(filePath: path))
    #expect(message { _ = try SafetensorsFile(path: path).tensor("a") }.contains("not finite"))
  }

  @Test func aFileCutShortAnywhereIsAnError() throws {
    let path = directory.file("whole.safetensors")
    try SafetensorsWriter.write([("a", Tensor(shape: [3], values: [1, 2, 3]))], metadata: ["x": "y"], to: path)
    let whole = try Data(contentsOf: URL(filePath: path))
    for length in 0..<whole.count {
      let cut = try directory.write(whole.prefix(length), to: "cut.safetensors")
      #expect(throws: Failure.self, "\(length) bytes") { try SafetensorsFile(path: cut) }
    }
  }

  @Test(arguments: [
    "", "{", "[]", "null", "{\"a\":1}", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
    "{\"__metadata__\":{\"a\":1}}",
  ])
  func aBrokenHeaderIsAnError(header: String) throws {
    let path = try file(header, data: [0, 0, 0, 0])
    #expect(throws: Failure.self) { try SafetensorsFile(path: path) }
  }

  @Test func anotherKindOfFileIsAnError() throws {
    let text = try directory.write(String(repeating: "valence and arousal ", count: 100), to: "text")
    #expect(message { _ = try SafetensorsFile(path: text) }.contains("not a safetensors file"))
    #expect(message { _ = try SafetensorsFile(path: directory.path) }.contains("not a regular file"))
    #expect(message { _ = try SafetensorsFile(path: directory.file("none")) }.contains("No such file"))
    let huge = try file("{}", length: Int.max)
    #expect(throws: Failure.self) { try SafetensorsFile(path: huge) }
  }

  @Test func aFileThatCannotBeWrittenLeavesNothingBehind() throws {
    let path = directory.file("none/out.safetensors")
    #expect(message { try SafetensorsWriter.write([], to: path) }.contains("cannot be written"))
    // A directory in the file's place: the last step, the renaming, fails.
    try FileManager.default.createDirectory(atPath: directory.file("taken/x"), withIntermediateDirectories: true)
    #expect(throws: Failure.self) { try SafetensorsWriter.write([], to: directory.file("taken")) }
    let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(!left.contains { $0.hasSuffix(".part") })
  }
}
