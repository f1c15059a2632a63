import Foundation
import Synchronization

/// What a cache remembers of the compilers of this machine: a table of their files' digests, which new caches of tests begin with.
///
/// To read a compiler and its libraries, 170 MB of clang's and 540 MB of rustc's, takes several times as long as most tests
/// take for the rest.
enum KnownCompilers {
    /// A cache in which each compiler has run once, and the names of those.
    private static let known = Mutex<(workshop: Workshop?, names: Set<String>)>((nil, []))

    private static let commands = [
        "gcc": ["-c", "a.c"], "g++": ["-c", "a.cpp"], "clang": ["-c", "a.c"], "clang++": ["-c", "a.cpp"],
        "clang-tidy": ["--checks=-*,misc-unused-*", "a.c", "--"], "rustc": ["--crate-type", "lib", "a.rs"],
    ]

    /// Lets the new cache at `directory` know the compiler of this name.
    static func seed(_ directory: URL, for name: String) throws {
        guard let command = commands[name], !FileManager.default.fileExists(atPath: directory.path) else { return }
        let table = try known.withLock { known in
            let workshop = try known.workshop ?? Workshop()
            known.workshop = workshop
            if known.names.insert(name).inserted {
                for source in ["a.c", "a.cpp", "a.rs"] { try workshop.write("", to: source) }
                _ = try workshop.run([Workshop.larder.path, name] + command)
            }
            return workshop.read(".cache/digests")
        }
        guard let table else { return }
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try write(table, to: directory.appendingPathComponent("digests"))
    }

    /// Leaves out what is empty: most of the table.
    private static func write(_ table: Data, to file: URL) throws {
        try Data().write(to: file)
        let target = try FileHandle(forWritingTo: file)
        defer { try? target.close() }
        for start in stride(from: 0, to: table.count, by: 4096) {
            let block = table[start..<min(start + 4096, table.count)]
            guard block.contains(where: { $0 != 0 }) else { continue }
            try target.seek(toOffset: UInt64(start))
            try target.write(contentsOf: block)
        }
    }
}
