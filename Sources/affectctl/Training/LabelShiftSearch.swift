import Training

/// Looks for the seconds by which listeners lag behind the music: those at which ridge regression errs least on
/// validation songs. Test songs take no part.
enum LabelShiftSearch {
  private static let candidates = [0.0, 1, 2, 3]

  /// - Parameter load: the material with its labels shifted by so many seconds.
  static func best(_ load: (Double) async throws -> TrainingMaterial) async throws -> Double {
    var best = (shift: 0.0, error: Double.infinity)
    for shift in candidates {
      let error = try await ModelTraining.ridgeValidationError(on: load(shift))
      if error < best.error { best = (shift, error) }
    }
    return best.shift
  }
}
