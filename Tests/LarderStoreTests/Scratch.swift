import Files
import LarderStore
import Testing

/// A directory of one test, removed with the value.
final class Scratch: Sendable {
    let path: Path

    init() throws {
        let temporary = Environment.text("TMPDIR") ?? "/tmp"
        path = TemporaryEntry.name(beside: Path(temporary).appending("larder-test"))
        try Directory.make(path)
    }

    deinit { Directory.removeTree(path) }

    func store(_ change: (inout EntryStore.Options) -> Void = { _ in }) -> EntryStore {
        var options = EntryStore.Options()
        options.freeSpaceFloor = 0
        change(&options)
        return EntryStore(at: path.appending("cache"), options: options)
    }
}

func key(_ number: Int) -> EntryKey {
    var builder = KeyBuilder(domain: "test")
    builder.add("number", Int64(number))
    return builder.finish()
}

/// Bytes that no compressor makes smaller, always the same ones for a seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
}

func text(_ count: Int) -> [UInt8] {
    Array(String(repeating: "larder keeps ", count: count / 13 + 1).utf8.prefix(count))
}

func contents(of path: Path) throws -> [UInt8] {
    try Descriptor(reading: path).readAll(expected: 4096)
}

func write(_ bytes: [UInt8], to path: Path) throws {
    try Directory.make(path.parent)
    let file = try TemporaryEntry(beside: path)
    try file.file.write(bytes)
    try file.publish()
}

struct Unexpected: Error {}

extension EntryStore {
    func opened(_ key: EntryKey) throws -> OpenEntry {
        switch open(key) {
        case .hit(let entry): return entry
        case .miss: throw Unexpected()
        }
    }

    func exists(_ key: EntryKey) -> Bool { FileStatus.ofLink(path(of: key)) != nil }

    func publish(_ key: EntryKey, _ bytes: [UInt8], codec: Codec = .stored) throws {
        try publish(key, parts: [NewPart("content", .bytes(bytes), codec: codec)])
    }

    /// What the entries really take, by asking the file system about each.
    var realUsage: Usage {
        var usage = Usage(entries: 0, bytes: 0)
        forEachEntry {
            usage.entries += 1
            usage.bytes += $0.allocated
            return true
        }
        return usage
    }

    /// Files below `entries` that are not entries.
    var strangers: [Path] {
        var found: [Path] = []
        func look(_ directory: Path) {
            for name in (try? Directory.names(in: directory)) ?? [] {
                let path = directory.appending(bytes: name)
                if FileStatus.ofLink(path)?.kind == .directory {
                    look(path)
                } else if name.count != 60 {
                    found.append(path)
                }
            }
        }
        look(directory.appending("entries"))
        return found
    }
}
