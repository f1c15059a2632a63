import Files
import LarderStore
import Testing

@Suite struct KeyTests {
    @Test func `a digest is SHA-256`() throws {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Digest.of(Array("abc".utf8)).hex == abc)
        #expect(Digest.of([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

        let scratch = try Scratch()
        let path = scratch.path.appending("file")
        try write(noise(300_000), to: path)
        let file = try Descriptor(reading: path)
        #expect(try Digest.ofFile(file) == Digest.of(noise(300_000)))
    }

    @Test func `bytes and hexadecimal digits lead back to the digest`() throws {
        let digest = Digest.of([1, 2, 3])
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(Digest(hex: digest.hex) == digest)
        #expect(Digest(hex: digest.hex.uppercased()) == digest)
        #expect(Digest(bytes: digest.bytes.dropLast()) == nil)
        #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
        #expect(Digest(hex: "g" + digest.hex.dropFirst()) == nil)
        #expect(digest.hex.count == 64)
    }

    @Test func `digests are ordered as their bytes are`() {
        let digests = (0..<200).map { Digest.of([UInt8($0)]) }
        #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
    }

    static let pairs: [([String], [String])] = [
        (["-O0", "-O2"], ["-O2", "-O0"]),
        (["ab", "c"], ["a", "bc"]),
        (["a", ""], ["a"]),
        (["a"], ["", "a"]),
        ([], [""]),
    ]

    @Test(arguments: pairs) func `different lists give different keys`(_ pair: ([String], [String])) {
        func key(_ list: [String]) -> EntryKey {
            var builder = KeyBuilder(domain: "test")
            for item in list { builder.add("argument", item) }
            return builder.finish()
        }
        #expect(key(pair.0) != key(pair.1))
        #expect(key(pair.0) == key(pair.0))
    }

    @Test func `domain, label and type are part of the key`() {
        func key(domain: String = "a", _ add: (inout KeyBuilder) -> Void) -> EntryKey {
            var builder = KeyBuilder(domain: domain)
            add(&builder)
            return builder.finish()
        }
        let keys = [
            key { $0.add("x", "1") },
            key(domain: "b") { $0.add("x", "1") },
            key { $0.add("y", "1") },
            key { $0.add("x", Int64(1)) },
            key { $0.add("x", [1, 0, 0, 0, 0, 0, 0, 0]) },
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key { $0.add("x", "1") } == key { $0.add("x", [UInt8(ascii: "1")]) })
        #expect(key { $0.add("x", [7, 8, 9][1...]) } == key { $0.add("x", [8, 9]) })
    }

    @Test func `ingredients read back as they were added`() {
        var builder = KeyBuilder(domain: "compile-1")
        builder.add("argument", "-O2")
        builder.add("empty", "")
        builder.add("size", Int64(-5))
        let found = builder.ingredients
        #expect(found.map(\.label) == ["domain", "argument", "empty", "size"])
        #expect(found.map { String(decoding: $0.value, as: UTF8.self) } == ["compile-1", "-O2", "", "-5"])
    }

    /// A change here makes every cache in the world start anew: change the domains of the front ends instead.
    @Test func `the key of a known list is what it always was`() {
        var builder = KeyBuilder(domain: "golden-1")
        builder.add("argument", "-O2")
        builder.add("size", Int64(42))
        #expect(builder.finish().description == "b57be29f9e893212de065b43d78a09b56256cb66192c75b5e9cb17048679791e")
    }
}
