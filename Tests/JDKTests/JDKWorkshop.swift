import Files
import Foundation
import Synchronization
import TestSupport

/// A directory with a cache of its own in which `larder-jdk` runs as a user would run it.
final class JDKWorkshop: Sendable {
    let shop: Workshop
    /// In the environment of every run.
    let base: [String: String]

    static let program = Workshop.larder.deletingLastPathComponent().appendingPathComponent("larder-jdk")

    init(mirror: String = "", foojay: String = "") throws {
        shop = try Workshop()
        base = ["LARDER_JDK_MIRROR_URL": mirror, "LARDER_JDK_FOOJAY_URL": foojay, "LARDER_NO_FSYNC": "1"]
    }

    @discardableResult
    func jdk(_ words: String..., environment: [String: String] = [:]) throws -> Workshop.Outcome {
        try shop.run([Self.program.path] + words, environment: base.merging(environment) { $1 })
    }

    /// Starts it and does not wait; its streams go nowhere.
    func start(_ words: String...) throws -> Process {
        let process = Process()
        // Whoever runs the tests in the background may have had interrupts ignored, which a user's shell has not.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["--default-signal", Self.program.path] + words
        process.environment = shop.environment(base)
        process.currentDirectoryURL = shop.directory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    var catalogue: URL { shop.cache.appendingPathComponent("snapshots/jdk-catalogue") }

    /// The elements of the array that a command printed.
    static func elements(_ outcome: Workshop.Outcome) throws -> [[String: Any]] {
        try JSONSerialization.jsonObject(with: outcome.output) as? [[String: Any]] ?? []
    }

    /// The names in the cache directory that belong to no finished file.
    func leftovers() -> [String] {
        let names = FileManager.default.enumerator(atPath: shop.cache.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.contains(".tmp.") }
    }
}
