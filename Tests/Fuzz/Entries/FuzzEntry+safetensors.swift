internal import NeuralNetwork
import Platform

extension FuzzEntry {
  /// Opens the file and reads all its tensors. Tensors of a type that is not read are no fault of the file.
  static func acceptsSafetensors(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
    let content = MemoryFile(bytes)
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(path: content.path)
    } catch {
      try BrokenPromise.unless(error.code == .invalidData, "a readable file is at most malformed, found \(error)")
      return false
    }
    for name in file.tensorNames {
      let tensor: Tensor
      do {
        tensor = try file.tensor(name)
      } catch {
        try BrokenPromise.unless(error.code == .invalidData, "an open file can be read, found \(error)")
        continue
      }
      try BrokenPromise.unless(tensor.shape == file.shape(of: name), "a tensor has the shape that the file says")
      try BrokenPromise.unless(tensor.values.count <= bytes.count / 2, "a tensor lies inside its file")
      try BrokenPromise.unless(tensor.values.allSatisfy { $0.isFinite }, "a tensor's values are finite")
    }
    return true
  }
}
