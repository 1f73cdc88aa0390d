public import ArgumentParser
public import EmotionModel
public import Training

extension EmotionModelKind: ExpressibleByArgument {}
extension SplitProtocol: ExpressibleByArgument {}
extension DataSetLayout: ExpressibleByArgument {}
