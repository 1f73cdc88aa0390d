import ArgumentParser
import Plotting

/// The pictures that can be drawn of valence and arousal over time.
struct CurvePictureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Draw both curves over time into this file, .svg or .png.", valueName: "file"),
    completion: .file())
  var plot: String?

  @Option(
    help: ArgumentHelp(
      "Draw the way through the plane of valence and arousal into this file, .svg or .png.", valueName: "file"),
    completion: .file())
  var plotPlane: String?

  var isEmpty: Bool { plot == nil && plotPlane == nil }

  /// Before the work, not after it.
  ///
  /// - Parameter inputs: files that are read.
  /// - Throws: `Failure` if a picture cannot be written.
  func open(inputs: [String]) throws -> CurvePictures {
    CurvePictures(
      curve: try plot.map { try PictureFile($0, inputs: inputs) },
      plane: try plotPlane.map { try PictureFile($0, inputs: inputs) })
  }
}

/// The files for them.
struct CurvePictures {
  fileprivate let curve: PictureFile?
  fileprivate let plane: PictureFile?

  var isEmpty: Bool { curve == nil && plane == nil }

  func draw(_ affect: AffectCurve) throws {
    try curve?.write(svg: AffectCurvePlot(affect).svg)
    try plane?.write(svg: AffectPlanePlot(affect).svg)
  }
}
