import CompilerCache
import DaemonCore
import Files
import LarderStore
import Trace
import Wire

/// Something that reads bytes which anyone may have written, and has to come back from all of them.
struct Target: Sendable {
    let name: String
    /// Bytes that are well formed.
    let examples: [[UInt8]]
    /// Must return; what it finds is its own business.
    let read: @Sendable ([UInt8]) -> Void

    static func all(in directory: Path) -> [Target] {
        [frames, handover, manifest, toolchain, entry(in: directory), notes, precompiledHeader]
    }

    /// Frames, requests, replies, and a connection that gets them in pieces.
    private static var frames: Target {
        let key = EntryKey(digest: Digest.of([1]))
        let requests: [Request] = [
            .ask(.ours, key), .publish(.ours, key, job: [1, 2, 3]), .drain, .status, .stop,
        ]
        let replies: [Reply] = [
            .lead, .wait, .again, .alone, .accepted, .refused("full"), .status(DaemonStatus()), .done,
        ]
        let frames = requests.map(\.frame.bytes) + replies.map(\.frame.bytes)
        return Target(name: "frames", examples: frames + [Array(frames.joined())]) { bytes in
            if case .frame(let frame, _) = Frame.read(bytes[...]) {
                if let request = try? Request(frame) { expect(request.frame.kind == frame.kind) }
                if let reply = try? Reply(frame) { expect(reply.frame.kind == frame.kind) }
            }
            // Each byte is also the length of a piece, so that every way to divide them comes by.
            var pieces: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            while let first = rest.first {
                pieces.append(rest.prefix(Int(first) + 1))
                rest = rest.dropFirst(Int(first) + 1)
            }
            expect(DaemonCore.ForeignBytes.requests(in: pieces) == DaemonCore.ForeignBytes.requests(in: [bytes[...]]))
        }
    }

    private static var handover: Target {
        Target(name: "handover", examples: [CompilerCache.ForeignBytes.examples().handover]) {
            _ = CompilerCache.ForeignBytes.isHandover($0)
        }
    }

    private static var manifest: Target {
        Target(name: "manifest", examples: [CompilerCache.ForeignBytes.examples().manifest]) {
            _ = CompilerCache.ForeignBytes.isManifest($0)
        }
    }

    private static var toolchain: Target {
        Target(name: "toolchain", examples: [CompilerCache.ForeignBytes.examples().toolchain]) {
            _ = CompilerCache.ForeignBytes.isToolchain($0)
        }
    }

    private static func number(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number) { Array($0) }
    }

    /// The log of a traced run, and what is made of it.
    private static var notes: Target {
        func note(_ call: UInt8, _ first: String, _ second: String = "", error: Int32 = 0) -> [UInt8] {
            let length = (48 + first.utf8.count + second.utf8.count + 7) & ~7
            var bytes = number(UInt32(length)) + [2, call] + number(0 as UInt16) + number(1 as UInt32) + number(error)
            bytes += number(1 << 20 as UInt64) + number(0 as UInt64) + number(0o1101 as UInt64)
            bytes += number(UInt32(first.utf8.count)) + number(UInt32(second.utf8.count)) + Array(first.utf8)
            bytes += Array(second.utf8)
            return bytes + [UInt8](repeating: 0, count: length - bytes.count)
        }
        let body =
            note(1, "/usr/bin/cat", "/tmp") + note(10, "/nowhere/x") + note(12, "/nowhere/y", error: 2)
            + note(20, "/nowhere/x", "/nowhere/z") + note(24, "/nowhere/d") + note(11, "/nowhere")
        var log = NoteReader.header(capacity: 1 << 20) + body
        log[24...31] = number(UInt64(log.count))[...]
        return Target(name: "notes", examples: [log]) { bytes in
            // The length in the header made right, which an accident seldom is.
            var whole = bytes
            if whole.count >= 64 { whole[24...31] = number(UInt64(whole.count))[...] }
            for bytes in [bytes, whole] {
                guard let notes = NoteReader.notes(bytes) else { continue }
                expect(notes.reduce(0) { $0 + $1.first.count + $1.second.count } <= bytes.count)
                _ = try? AccessReader.accesses(in: notes, launched: 0)
            }
        }
    }

    /// What clang has made of headers.
    private static var precompiledHeader: Target {
        Target(name: "precompiled header", examples: [PrecompiledHeader.example]) { bytes in
            let isCertain = !PrecompiledHeader.holdsTimes(bytes)
            // More behind it changes nothing that was certain.
            if isCertain { expect(!PrecompiledHeader.holdsTimes(bytes + [1, 2, 3, 4])) }
        }
    }

    /// An entry's file, as it is, and with the header's checksum made right, which an accident never is.
    private static func entry(in directory: Path) -> Target {
        var options = EntryStore.Options()
        options.decodedLimit = 1 << 20
        let store = EntryStore(at: directory, options: options)
        let key = EntryKey(digest: Digest.of([1]))
        let path = store.path(of: key)
        let text = [UInt8](repeating: 7, count: 3000)
        let parts: [[NewPart]] = [
            [NewPart("one", .bytes([1, 2, 3]), codec: .stored)],
            [NewPart("one", .bytes(text)), NewPart("two", .bytes([])), NewPart("three", .bytes(text), codec: .stored)],
        ]
        let examples = parts.compactMap { parts -> [UInt8]? in
            guard (try? store.publish(key, kind: 1, parts: parts)) != nil else { return nil }
            return try? SmallFile.read(path, limit: 1 << 20)
        }
        return Target(name: "entry", examples: examples) { bytes in
            for bytes in [bytes, withRightSum(bytes)] {
                guard let file = try? Descriptor(opening: path, openForWriting), (try? file.write(bytes)) != nil,
                    (try? file.close()) != nil
                else { continue }
                if case .hit(let parts) = store.value(for: key) {
                    expect(parts.reduce(0) { $0 + $1.bytes.count } <= parts.count << 20)
                }
            }
        }
    }

    /// The file with the sum of its header as that is.
    private static func withRightSum(_ bytes: [UInt8]) -> [UInt8] {
        // Where the header says how long it is.
        guard bytes.count >= 16 else { return bytes }
        let length = bytes[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length > 16, length <= bytes.count else { return bytes }
        var bytes = bytes
        bytes[10] = bytes[10] & 7
        let sum = bytes[..<(length - 16)].withUnsafeBytes { Checksum(of: $0) }
        for (index, half) in [sum.low, sum.high].enumerated() {
            for byte in 0..<8 {
                bytes[length - 16 + 8 * index + byte] = UInt8(truncatingIfNeeded: half >> UInt64(8 * byte))
            }
        }
        return bytes
    }

    private static func expect(_ holds: Bool) { if !holds { fatalError("the reader contradicts itself") } }
}
