import CompilerCache
import Files
import Foundation
import LarderStore
import TestSupport
import Testing

/// What of a manifest goes to other machines, and what of theirs is believed.
@Suite struct PortableManifestTests {
    /// A machine that has compiled `a.c` with two states of its header, one result after the other.
    private func machine() throws -> Machine {
        let machine = try Machine(["LARDER_DAEMON": "off"])
        _ = try machine.compile()
        try machine.workshop.write("#define H 4\n", to: "h.h")
        try machine.age("h.h")
        _ = try machine.compile()
        return machine
    }

    /// The only manifest in the machine's cache that knows two results.
    private func manifest(of machine: Machine) throws -> (key: EntryKey, PortableManifest) {
        let store = EntryStore(at: Path(bytes: Array(machine.workshop.cache.path.utf8)))
        let entries = machine.workshop.cache.appendingPathComponent("entries")
        for path in try FileManager.default.subpathsOfDirectory(atPath: entries.path) {
            guard let digest = Digest(hex: path.replacingOccurrences(of: "/", with: "")) else { continue }
            let key = EntryKey(digest: digest)
            if let manifest = PortableManifest(key, from: store), manifest.results.count == 2 { return (key, manifest) }
        }
        Issue.record("there is no manifest with two results")
        throw CocoaError(.fileNoSuchFile)
    }

    @Test func `it is the same on two machines, whose files have other inodes and times`() throws {
        let (one, other) = (try machine(), try machine())
        let (first, second) = (try manifest(of: one), try manifest(of: other))
        #expect(first.key == second.key)
        #expect(first.1.bytes == second.1.bytes)
    }

    @Test func `a result is believed under its own conditions only`() throws {
        let machine = try machine()
        let (key, manifest) = try manifest(of: machine)
        let bytes = manifest.bytes
        #expect(PortableManifest(decoding: bytes, of: key)?.results == manifest.results)
        #expect(PortableManifest(decoding: bytes, of: manifest.results[0]) == nil)
        // The server gives each result the conditions of the other.
        let (newer, older) = (manifest.results[0].digest.bytes, manifest.results[1].digest.bytes)
        let places = (
            newer: try #require(place(of: newer, in: bytes)), older: try #require(place(of: older, in: bytes))
        )
        var swapped = bytes
        swapped.replaceSubrange(places.newer..<places.newer + 32, with: older)
        swapped.replaceSubrange(places.older..<places.older + 32, with: newer)
        #expect(swapped != bytes)
        #expect(PortableManifest(decoding: swapped, of: key) == nil)
        // One of them is left as it was.
        var moved = bytes
        moved.replaceSubrange(places.newer..<places.newer + 32, with: Digest.of([1]).bytes)
        #expect(PortableManifest(decoding: moved, of: key)?.results == [manifest.results[1]])
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(PortableManifest(decoding: Array(bytes.prefix(count)), of: key) == nil)
        }
    }

    private func place(of digest: [UInt8], in bytes: [UInt8]) -> Int? {
        (0...(bytes.count - 32)).first { bytes[$0..<$0 + 32].elementsEqual(digest) }
    }
}
