import Foundation
import TestSupport

/// A workshop in which the launcher is called `ccache`, by a link.
struct CCacheWorkshop {
    let workshop: Workshop
    /// ccache itself, where it is installed.
    static let real: String? = ["/usr/bin/ccache", "/usr/local/bin/ccache"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    init() throws {
        workshop = try Workshop()
        try FileManager.default.createDirectory(at: workshop.url("bin"), withIntermediateDirectories: true)
        try link("bin/ccache", to: Workshop.larder.path)
        try workshop.write("int f(void) { return 1; }\n", to: "a.c")
    }

    func link(_ name: String, to target: String) throws {
        let place = workshop.url(name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: target)
    }

    /// Where the cache is when `CCACHE_DIR` says so.
    var directory: URL { workshop.url("cc") }

    /// What a user of ccache has set: nothing of Larder's.
    func environment(_ extra: [String: String] = [:]) -> [String: String] {
        let path = "\(workshop.url("bin").path):/usr/local/bin:/usr/bin:/bin"
        return ["LARDER_DIR": "", "CCACHE_DIR": directory.path, "PATH": path].merging(extra) { $1 }
    }

    @discardableResult
    func ccache(_ words: [String], _ extra: [String: String] = [:]) throws -> Workshop.Outcome {
        try workshop.run([workshop.url("bin/ccache").path] + words, environment: environment(extra))
    }

    /// The same by ccache itself, in a cache of its own.
    func realCCache(_ words: [String], _ extra: [String: String] = [:]) throws -> Workshop.Outcome {
        let own = ["CCACHE_DIR": workshop.url("real").path].merging(extra) { $1 }
        return try workshop.run([Self.real ?? "ccache"] + words, environment: environment(own))
    }

    /// What `--print-stats` counts under `name`.
    func count(_ name: String, _ extra: [String: String] = [:]) throws -> Int {
        let lines = try ccache(["--print-stats"], extra).outputText.split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name + "\t") }
        return line.flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
    }

    func value(_ key: String, _ extra: [String: String] = [:]) throws -> String {
        try ccache(["-k", key], extra).outputText.trimmingCharacters(in: .newlines)
    }
}
