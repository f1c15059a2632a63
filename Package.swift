// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is built with: the language's coming rules now, and no warning left to rot.
let common: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// Read from the bottom of the house to its top: a target may import only the targets above it in this list.
let package = Package(
    name: "larder",
    products: [
        .library(name: "LarderStore", targets: ["LarderStore"]),
        .executable(name: "larder", targets: ["larder"]),
    ],
    targets: [
        // Ground: the operating system, and the C libraries we stand on.
        .target(name: "CLinux"),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Files", dependencies: ["CLinux"], swiftSettings: common),

        // Core: the store.
        .target(name: "LarderStore", dependencies: ["Files", "CNettle", "CZstd"], swiftSettings: common),

        // Front ends.
        .target(name: "CompilerCache", dependencies: ["LarderStore", "Files"], swiftSettings: common),

        // Executables.
        .executableTarget(
            name: "larder",
            dependencies: ["CompilerCache", "LarderStore", "Files"],
            swiftSettings: common
        ),

        // What a user of the library writes: knows the product's interface and nothing else.
        .executableTarget(
            name: "word-count",
            dependencies: ["LarderStore"],
            path: "Examples/word-count",
            swiftSettings: common
        ),

        // Tests.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
        .executableTarget(
            name: "LockProbe",
            dependencies: ["LarderStore", "Files"],
            path: "Tests/LockProbe",
            swiftSettings: common
        ),
        .testTarget(
            name: "ScenarioTests",
            dependencies: ["larder", "LockProbe", "TestSupport"],
            swiftSettings: common
        ),
        .testTarget(name: "LarderTests", dependencies: ["larder", "LarderStore", "Files"], swiftSettings: common),
        .testTarget(name: "SettingsTests", dependencies: ["LarderStore", "Files"], swiftSettings: common),
        .testTarget(
            name: "LarderStoreTests",
            dependencies: ["LarderStore", "LockProbe", "Files", "word-count"],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
    ]
)
