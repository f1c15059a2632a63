// swift-tools-version: 6.2
import PackageDescription

// A program of somebody else's: it knows nothing of Larder but the library that everybody may use.
let package = Package(
    name: "store-benchmark",
    dependencies: [.package(name: "larder", path: "../..")],
    targets: [
        .executableTarget(
            name: "store-benchmark",
            dependencies: [.product(name: "LarderStore", package: "larder")],
            swiftSettings: [.enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error)]
        )
    ]
)
