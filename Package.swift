// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is built with: the language's coming rules now, and no warning left to rot.
let common: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
    // For `make tsan` alone: see Files/SanitizedMutex.swift.
    + (Context.environment["LARDER_TSAN"] == nil ? [] : [.define("THREAD_SANITIZER")])

/// Set where the Makefile builds the static programs, which are all about how fast they start; its value is the version of Swift.
let programs = Context.environment["LARDER_PROGRAMS"]
let isForPrograms = programs != nil

/// What the C sources have to know of the build.
let startUp: [CSetting] =
    (isForPrograms ? [.define("LARDER_OWN_START")] : [])
    + (programs.map { [.define("LARDER_SWIFT_VERSION", to: "\"\($0)\"")] } ?? [])

/// For a compile that misses: types that the runtime would have to build are in the program (see docs/decisions/0009).
///
/// No package may depend on one that sets such options.
let prepared: [SwiftSetting] =
    isForPrograms ? [.unsafeFlags(["-Xfrontend", "-prespecialize-generic-metadata"])] : []

/// A product of a package that only `larder-jdk` needs.
func jdk(_ product: String, _ package: String) -> Target.Dependency {
    .product(name: product, package: package, condition: .when(traits: ["JDK"]))
}

/// A product of a package that only `larder-remote` needs.
func remote(_ product: String, _ package: String) -> Target.Dependency {
    .product(name: product, package: package, condition: .when(traits: ["Remote"]))
}

// Roughly from the lowest layer to the highest; ARCHITECTURE.md has the exact order.
let package = Package(
    name: "larder",
    products: [
        .library(name: "LarderStore", targets: ["LarderStore"]),
        .executable(name: "larder", targets: ["larder"]),
        .executable(name: "larderd", targets: ["larderd"]),
        .executable(name: "larder-jdk", targets: ["larder-jdk"]),
        .executable(name: "larder-pdf", targets: ["larder-pdf"]),
        .executable(name: "larder-remote", targets: ["larder-remote"]),
    ],
    // `larder` and the store are built from what stands in this repository: without these traits
    // (`--disable-default-traits`) no package is fetched.
    traits: [
        .default(enabledTraits: ["JDK", "Remote"]),
        .trait(name: "JDK", description: "larder-jdk, which needs packages"),
        .trait(name: "Remote", description: "larder-remote, which needs packages"),
    ],
    dependencies: [
        // For larder-jdk (docs/decisions/0008) and larder-remote (docs/decisions/0029) alone.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.26.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Ground: the operating system, and the C libraries we stand on.
        .target(name: "CLinux", cSettings: startUp),
        .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CHogweed", pkgConfig: "hogweed", providers: [.apt(["nettle-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Files", dependencies: ["CLinux"], swiftSettings: common),

        // Core: the store.
        .target(name: "LarderStore", dependencies: ["Files", "CNettle", "CZstd"], swiftSettings: common),

        // Between: what launchers and the daemon say to each other, and what the daemon does.
        .target(name: "Wire", dependencies: ["LarderStore", "Files"], swiftSettings: common + prepared),
        .target(name: "DaemonCore", dependencies: ["Wire", "LarderStore", "Files"], swiftSettings: common),
        // What a process tree has read and made, by the notes of the preload library (Sources/CTrace, built by itself).
        .target(name: "Trace", dependencies: ["Files"], swiftSettings: common),

        // Front ends.
        .target(
            name: "CompilerCache",
            dependencies: ["Trace", "Wire", "LarderStore", "Files"],
            swiftSettings: common + prepared
        ),
        .target(name: "CommandCache", dependencies: ["Trace", "Wire", "LarderStore", "Files"], swiftSettings: common),
        .target(
            name: "JDKCatalog",
            dependencies: [
                "LarderStore", "Files",
                jdk("AsyncHTTPClient", "async-http-client"),
                jdk("NIOCore", "swift-nio"),
                jdk("NIOHTTP1", "swift-nio"),
                jdk("NIOPosix", "swift-nio"),
                jdk("NIOHTTPCompression", "swift-nio-extras"),
            ],
            swiftSettings: common
        ),
        .target(name: "PDFText", dependencies: ["LarderStore", "Files"], swiftSettings: common),

        // Caches that several machines share: the servers, and what is kept there.
        .target(
            name: "RemoteTiers",
            dependencies: [
                "LarderStore", "Files",
                remote("NIOCore", "swift-nio"),
                remote("NIOHTTP1", "swift-nio"),
                remote("NIOPosix", "swift-nio"),
                remote("NIOConcurrencyHelpers", "swift-nio"),
                remote("NIOSSL", "swift-nio-ssl"),
            ],
            swiftSettings: common
        ),
        .target(
            name: "RemoteStore",
            dependencies: [
                "RemoteTiers", "CompilerCache", "CommandCache", "Wire", "LarderStore", "Files", "CHogweed",
            ],
            swiftSettings: common
        ),

        // What commands have in common: the words of a command line in, sentences, tables and JSON out.
        .target(name: "Terminal", dependencies: ["Files"], swiftSettings: common),

        // What a cache has counted, as pages, traces and metrics.
        .target(name: "Reports", dependencies: ["Terminal", "Wire", "LarderStore", "Files"], swiftSettings: common),

        // What `larder init` looks for in a project, writes there and takes back.
        .target(name: "ProjectSetup", dependencies: ["Terminal", "LarderStore", "Files"], swiftSettings: common),

        // Executables.
        .executableTarget(
            name: "larder",
            dependencies: [
                "CompilerCache", "CommandCache", "ProjectSetup", "Reports", "Terminal", "Wire", "Trace", "LarderStore",
                "Files",
            ],
            swiftSettings: common
        ),
        .executableTarget(
            name: "larderd",
            dependencies: ["CompilerCache", "DaemonCore", "Reports", "Wire", "LarderStore", "Files"],
            swiftSettings: common
        ),
        .executableTarget(
            name: "larder-jdk",
            dependencies: [
                "JDKCatalog", "Terminal", "LarderStore", "Files",
                jdk("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: common
        ),
        .executableTarget(
            name: "larder-remote",
            dependencies: [
                "RemoteStore", "RemoteTiers", "Terminal", "Wire", "LarderStore", "Files",
                remote("NIOCore", "swift-nio"),
                remote("NIOPosix", "swift-nio"),
            ],
            swiftSettings: common
        ),
        .executableTarget(
            name: "larder-pdf",
            dependencies: ["PDFText", "Terminal", "LarderStore", "Files"],
            swiftSettings: common
        ),

        // What a user of the library writes: knows the product's interface and nothing else.
        .executableTarget(
            name: "word-count",
            dependencies: ["LarderStore"],
            path: "Examples/word-count",
            swiftSettings: common
        ),

        // What an attacker, a crash or an older version may have written, given to whoever reads it.
        .executableTarget(
            name: "larder-fuzz",
            dependencies: ["CompilerCache", "DaemonCore", "Trace", "Wire", "LarderStore", "Files"],
            path: "Fuzz",
            exclude: ["README.md"],
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
        .testTarget(
            name: "DriverTests",
            dependencies: ["larder", "larderd", "TestSupport"],
            exclude: ["Golden"],
            swiftSettings: common
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "larder", "larderd", "larder-fuzz", "CompilerCache", "DaemonCore", "Wire", "LarderStore", "Files",
                "TestSupport",
            ],
            swiftSettings: common
        ),
        .testTarget(
            name: "LarderTests",
            dependencies: ["larder", "larderd", "Reports", "LarderStore", "Files", "TestSupport"],
            swiftSettings: common
        ),
        .testTarget(
            name: "CompilerCacheTests",
            dependencies: ["CompilerCache"],
            exclude: ["Fixtures"],
            swiftSettings: common
        ),
        .testTarget(
            name: "CommandCacheTests",
            dependencies: ["CommandCache", "LarderStore", "Files", "larder", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
        .testTarget(
            name: "TraceTests",
            dependencies: ["Trace", "Files", "larder", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
        .testTarget(
            name: "ProjectSetupTests",
            dependencies: ["ProjectSetup", "LarderStore", "Files", "larder", "TestSupport"],
            swiftSettings: common
        ),
        .testTarget(name: "SettingsTests", dependencies: ["LarderStore", "Files"], swiftSettings: common),
        .testTarget(
            name: "JDKTests",
            dependencies: [
                "larder", "larder-jdk", "JDKCatalog", "LarderStore", "Files", "TestSupport",
                jdk("NIOCore", "swift-nio"),
                jdk("NIOHTTP1", "swift-nio"),
                jdk("NIOPosix", "swift-nio"),
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
        .testTarget(
            name: "RemoteTests",
            dependencies: [
                "larder", "larderd", "larder-remote", "RemoteStore", "RemoteTiers", "CompilerCache", "DaemonCore",
                "Wire",
                "LarderStore", "Files", "TestSupport",
                remote("NIOCore", "swift-nio"),
                remote("NIOPosix", "swift-nio"),
            ],
            swiftSettings: common
        ),
        .testTarget(
            name: "PDFTests",
            dependencies: ["larder", "larder-pdf", "PDFText", "LarderStore", "Files", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
        .testTarget(
            name: "LarderStoreTests",
            dependencies: ["LarderStore", "LockProbe", "Files", "word-count"],
            resources: [.copy("Fixtures")],
            swiftSettings: common
        ),
    ]
)
