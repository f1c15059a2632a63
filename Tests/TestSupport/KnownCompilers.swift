import Foundation
import Synchronization

/// What the caches of earlier tests have learnt of large files, which those of later tests begin with.
///
/// To read a compiler and its libraries, 170 MB of clang's and 540 MB of rustc's, takes several times as long as most tests
/// take for the rest. A cache knows a file's digest by its identity, which no two contents share: see `DigestTable`.
enum KnownCompilers {
    /// Smaller files are read soon, and most of them are a test's own.
    private static let least = 256 << 10
    private static let slotLength = 96
    /// Where in a slot the file's device is, or its complement if it is an entry of the cache.
    private static let deviceOffset = 8
    /// Where in a slot the file's size is.
    private static let sizeOffset = 24
    private static let blockLength = 128 * slotLength

    /// Slots by their place in the table.
    private static let slots = Mutex<[Int: Data]>([:])

    /// What compiles, or starts what does.
    private static let names = [
        "ar", "c++", "cc", "clang", "clippy", "em++", "emcc", "exec", "g++", "gcc", "include-what-you-use", "iwyu",
        "ld", "rustc", "swift", "x86_64-linux-gnu",
    ]
    /// What starts the launcher by itself.
    private static let builders = ["cargo", "cmake", "make", "meson", "ninja"]

    /// True where `words` make Larder's cache meet a compiler.
    static func areMet(by words: [String]) -> Bool {
        func isOne(of names: [String], _ word: String?) -> Bool {
            guard let name = word?.split(separator: "/").last else { return false }
            return names.contains { name.hasPrefix($0) }
        }
        guard let larder = words.firstIndex(where: { $0.split(separator: "/").last == "larder" }) else {
            return isOne(of: builders, words.first)
        }
        return isOne(of: names + builders, words[larder...].dropFirst().first) || words.contains("--trace")
    }

    /// Lets the cache at `directory` know what is known, if it is new.
    static func teach(_ directory: URL) throws {
        let known = slots.withLock { $0 }
        guard !known.isEmpty, !FileManager.default.fileExists(atPath: directory.path) else { return }
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let file = directory.appendingPathComponent("digests")
        try Data().write(to: file)
        let table = try FileHandle(forWritingTo: file)
        defer { try? table.close() }
        for (offset, slot) in known {
            try table.seek(toOffset: UInt64(offset))
            try table.write(contentsOf: slot)
        }
    }

    /// Learns what the cache at `directory` knows.
    static func learn(from directory: URL) {
        guard let table = try? Data(contentsOf: directory.appendingPathComponent("digests")) else { return }
        let empty = Data(count: blockLength)
        var found: [Int: Data] = [:]
        for start in stride(from: 0, to: table.count, by: blockLength) {
            let block = table[start..<min(start + blockLength, table.count)]
            guard block != empty else { continue }
            block.withUnsafeBytes { bytes in
                for slot in stride(from: 0, through: bytes.count - slotLength, by: slotLength)
                where bytes.loadUnaligned(fromByteOffset: slot + sizeOffset, as: Int64.self) >= least
                    && bytes.loadUnaligned(fromByteOffset: slot + deviceOffset, as: Int64.self) >= 0
                {
                    found[start + slot] = Data(bytes[slot..<(slot + slotLength)])
                }
            }
        }
        slots.withLock { $0.merge(found) { before, _ in before } }
    }
}
