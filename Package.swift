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
        .executable(name: "larder-jdk", targets: ["larder-jdk"]),
    ],
    dependencies: [
        // For larder-jdk alone (docs/decisions/0008); `larder` is built from what stands in this repository.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.26.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
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
        .target(
            name: "JDKCatalog",
            dependencies: [
                "LarderStore", "Files",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
            ],
            swiftSettings: common
        ),

        // Executables.
        .executableTarget(
            name: "larder",
            dependencies: ["CompilerCache", "LarderStore", "Files"],
            swiftSettings: common
        ),
        .executableTarget(
            name: "larder-jdk",
            dependencies: [
                "JDKCatalog", "LarderStore", "Files",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: common
        ),

        // Tests.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
        .testTarget(name: "ScenarioTests", dependencies: ["larder", "TestSupport"], swiftSettings: common),
        .testTarget(name: "LarderTests", dependencies: ["larder", "LarderStore", "Files"], swiftSettings: common),
        .testTarget(name: "SettingsTests", dependencies: ["LarderStore", "Files"], swiftSettings: common),
        .testTarget(
            name: "JDKTests",
            dependencies: [
                "larder", "larder-jdk", "JDKCatalog", "LarderStore", "Files", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
        .testTarget(
            name: "LarderStoreTests",
            dependencies: ["LarderStore", "Files"],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
    ]
)
