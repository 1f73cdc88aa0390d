// swift-tools-version:6.2
import PackageDescription

/// Warnings in our own targets are errors; the dependencies are spared.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func test(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
  name: "affectd",
  products: [
    .executable(name: "affectd", targets: ["affectd"]),
    .executable(name: "affectctl", targets: ["affectctl"]),
  ],
  // Exact versions, since no lock file is committed.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
  ],
  targets: [
    // System libraries, from Debian's -dev packages.
    .systemLibrary(name: "CALSA", pkgConfig: "alsa", providers: [.apt(["libasound2-dev"])]),
    .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .systemLibrary(name: "CMPG123", pkgConfig: "libmpg123", providers: [.apt(["libmpg123-dev"])]),
    .systemLibrary(name: "CVorbisFile", pkgConfig: "vorbisfile", providers: [.apt(["libvorbis-dev"])]),
    .systemLibrary(name: "COpusFile", pkgConfig: "opusfile", providers: [.apt(["libopusfile-dev"])]),
    .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
    // Without pkg-config, whose -D_REENTRANT SwiftPM refuses.
    .systemLibrary(name: "CAvahi", providers: [.apt(["libavahi-client-dev"])]),
    .systemLibrary(name: "CEBUR128", pkgConfig: "libebur128", providers: [.apt(["libebur128-dev"])]),
    // Without pkg-config, whose -D flags SwiftPM refuses; they only repeat the header's defaults.
    .systemLibrary(name: "CKissFFT", providers: [.apt(["libkissfft-dev"])]),
    .systemLibrary(name: "CLibSVM", providers: [.apt(["libsvm-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

    // From the microphone to the numbers, in the order in which the data go.
    library("Platform", []),
    library("Affect", []),
    .target(name: "CStartUp"),
    .target(name: "CKernels"),
    library("FastKernels", ["CKernels"]),
    library("SignalProcessing", ["CEBUR128", "CKernels", "CKissFFT", "FastKernels"]),
    library(
      "AudioInput",
      [
        "Affect", "CALSA", "CMPG123", "COpusFile", "CSndFile", "CStartUp", "CVorbisFile", "Platform",
        "SignalProcessing",
      ]),
    library("NeuralNetwork", ["CKernels", "COpenBLAS", "FastKernels", "Platform"]),
    library("Embedding", ["CKernels", "Platform", "FastKernels", "SignalProcessing", "NeuralNetwork"]),
    library("EmotionModel", ["Platform", "Affect", "Embedding", "NeuralNetwork"]),
    library("Venue", ["Platform", "SignalProcessing"]),
    library("Plotting", ["Affect"]),
    library(
      "ShippedModels", ["Platform"],
      resources: [
        .copy("Resources/musicnn-msd.safetensors"),
        .copy("Resources/musicnn-LICENSE.md"),
        .copy("Resources/deam-mlp.safetensors"),
      ]),
    library(
      "Tracking",
      [
        "Platform",
        "Affect", "AudioInput", "SignalProcessing", "Embedding", "EmotionModel",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    library(
      "Training",
      [
        "Affect", "AudioInput", "CLibSVM", "COpenBLAS", "Embedding", "EmotionModel", "Platform", "NeuralNetwork",
        "Plotting", "Tracking", "Venue",
      ]),
    library(
      "Publishing",
      [
        "Affect", "CALSA", "CAvahi", "CMosquitto", "Platform",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
      ] + nio,
      resources: [.embedInCode("Web/page.html")]),

    // ncurses, from Debian's libncurses-dev, behind C.
    .target(name: "CScreen", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    library("Monitor", ["Affect", "CScreen", "Platform", "Publishing"]),

    // toml++, from Debian's libtomlplusplus-dev, behind C.
    .target(name: "CTOML"),

    // TagLib, from Debian's libtag1-dev, behind C.
    .target(name: "CTagLib", linkerSettings: [.linkedLibrary("tag")]),

    // The two programs, and what their command lines share.
    library(
      "CommandLineSupport",
      [
        "SignalProcessing",
        "Affect", "AudioInput", "Platform", "FastKernels", "NeuralNetwork", "Embedding", "EmotionModel",
        "ShippedModels", "Tracking", "Publishing", "CTOML",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "affectd",
      dependencies: [
        "Affect", "AudioInput", "CommandLineSupport", "Monitor", "Platform", "Publishing", "SignalProcessing",
        "Tracking",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ] + nio,
      swiftSettings: strict),
    .executableTarget(
      name: "affectctl",
      dependencies: [
        "Affect", "AudioInput", "CommandLineSupport", "CTagLib", "Embedding", "EmotionModel", "FastKernels", "Monitor",
        "Platform", "NeuralNetwork", "Plotting", "Publishing",
        "ShippedModels", "SignalProcessing", "Tracking", "Training", "Venue",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + nio,
      swiftSettings: strict),
  ],
  cxxLanguageStandard: .cxx17
)

package.targets += [
  .executableTarget(
    name: "affectbench",
    dependencies: [
      "Affect", "CommandLineSupport", "Embedding", "EmotionModel", "FastKernels", "NeuralNetwork", "Publishing",
      "ShippedModels",
      "TestSupport", "Tracking",
    ],
    path: "Benchmarks/affectbench", swiftSettings: strict),
  .target(
    name: "TestSupport", dependencies: ["Affect", "Platform", "AudioInput", "NeuralNetwork", "CSndFile"],
    path: "Tests/TestSupport",
    swiftSettings: strict),
  test("AffectTests", ["Platform", "Affect"]),
  test("SignalProcessingTests", ["Platform", "FastKernels", "NeuralNetwork", "SignalProcessing", "TestSupport"]),
  test("NeuralNetworkTests", ["Platform", "FastKernels", "NeuralNetwork", "TestSupport"]),
  test(
    "EmbeddingTests",
    ["Platform", "Embedding", "FastKernels", "NeuralNetwork", "ShippedModels", "SignalProcessing", "TestSupport"]),
  test("EmotionModelTests", ["Platform", "Affect", "EmotionModel", "NeuralNetwork", "ShippedModels", "TestSupport"]),
  test("AudioInputTests", ["Affect", "AudioInput", "Platform", "TestSupport"]),
  test(
    "TrackingTests",
    [
      "SignalProcessing",
      "Platform", "Affect", "AudioInput", "Embedding", "EmotionModel", "NeuralNetwork", "ShippedModels", "TestSupport",
      "Tracking",
    ]),
  test(
    "TrainingTests",
    [
      "Platform",
      "Affect", "AudioInput", "Embedding", "EmotionModel", "NeuralNetwork", "ShippedModels", "TestSupport", "Training",
    ]),
  test(
    "PublishingTests",
    [
      "Platform", "Affect", "Publishing", "TestSupport", .product(name: "NIOEmbedded", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
    ] + nio),
  test(
    "CommandLineSupportTests",
    ["Platform", "Affect", "AudioInput", "CommandLineSupport", "Embedding", "Publishing", "TestSupport", "Tracking"]),
  test("MonitorTests", ["Affect", "Monitor", "Publishing"]),
  test("PlottingTests", ["Affect", "Plotting"]),
  test("PlatformTests", ["Platform", "TestSupport"]),
  test("VenueTests", ["Platform", "TestSupport", "Venue"]),
  test(
    "CommandTests", ["Platform", "Affect", "affectd", "affectctl", "NeuralNetwork", "ShippedModels", "TestSupport"],
    exclude: ["osc_receiver.py"]),
  .target(
    name: "FuzzEntries", dependencies: ["Affect", "CommandLineSupport", "NeuralNetwork", "Publishing", "Tracking"],
    path: "Tests/Fuzz/Entries", swiftSettings: strict),
  test("FuzzTests", ["FuzzEntries"]),
]

// The fuzzers link with nothing but libFuzzer, which brings their `main`: see Tests/Fuzz/README.md.
if Context.environment["AFFECTD_FUZZ"] != nil {
  for name in ["Configuration", "OSC", "Recording", "Safetensors", "SocketRequest"] {
    package.targets.append(
      .executableTarget(
        name: "Fuzz\(name)", dependencies: ["FuzzEntries"], path: "Tests/Fuzz/\(name)",
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
  }
}
