import Files
import Foundation
import LarderStore
import TestSupport
import Testing

/// An entry that somebody else has made says where its outputs go; it is not believed.
@Suite struct ForeignPlaceTests {
    @Test(arguments: [
        ["run", "--trace", "--", "sh", "-c", "cat in.c > out"], ["gcc", "-S", "in.c", "-o", "out"],
    ])
    func `a result whose output lies outside the working directory is not given`(words: [String]) throws {
        let (workshop, other) = (try Workshop(), try Workshop())
        try workshop.write("int a;\n", to: "in.c")
        #expect(try workshop.larder(words).status == 0)
        let output = try #require(workshop.read("out"))
        var options = EntryStore.Options()
        options.freeSpaceFloor = 0
        let store = EntryStore(at: Path(workshop.cache.path), options: options)
        var forged = 0
        var keys: [EntryKey] = []
        store.forEachEntry {
            keys.append($0.key)
            return true
        }
        for key in keys {
            guard case .hit(let entry) = store.open(key), entry.index(of: "places") != nil,
                let parts = store.value(for: key).parts
            else { continue }
            // Of the same length, as every workshop's name is.
            let changed = parts.map { part in
                guard part.name == "places" else { return NewPart(part.name, .bytes(part.bytes)) }
                let (here, there) = (workshop.directory.path, other.directory.path)
                let text = String(decoding: part.bytes, as: UTF8.self).replacingOccurrences(of: here, with: there)
                return NewPart(part.name, .bytes(Array(text.utf8)))
            }
            try store.publish(key, kind: entry.kind, parts: changed)
            forged += 1
        }
        #expect(forged == 1)
        workshop.remove("out")
        let counts = try workshop.counting { try workshop.larder(words) }
        #expect(counts.hits == 0 && workshop.read("out") == output)
        #expect(other.read("out") == nil)
    }
}
