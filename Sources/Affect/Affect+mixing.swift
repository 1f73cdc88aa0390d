extension Affect {
  /// The point that lies `share`, 0...1, of the way from here to `other`.
  public func mixed(with other: Affect, share: Float) -> Affect {
    Affect(
      valence: valence + (other.valence - valence) * share,
      arousal: arousal + (other.arousal - arousal) * share)
  }
}
