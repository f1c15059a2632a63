import CommandCache
import Files
import Foundation
import LarderStore
import Testing

/// What reaches the disk: the same bytes as ever, and nothing that is damaged or made up is taken for one.
@Suite struct FormatTests {
    private static let observation = Observation([
        Ingredient(kind: .streams, form: .value, name: [], value: Digest.of([1, 2])),
        Ingredient(kind: .variable, form: .absent, name: Array("LANG".utf8), value: Digest.of([])),
        Ingredient(
            kind: .input,
            form: .program,
            name: Array("src/ä\n".utf8) + [0xFF],
            value: Digest.of(Array("content".utf8)),
            identity: FileIdentity(device: 1, inode: 2, size: 3, modified: 4, changed: -5),
            isTrusted: true
        ),
    ])

    private static var result: CommandResult {
        var result = CommandResult(
            status: 7,
            made: 1_700_000_000_000_000_000,
            microseconds: 1234,
            outcome: Digest.of([9]),
            nodes: [
                .init(node: .init(kind: .directory, mode: 0o755, output: 0, names: [])),
                .init(
                    node: .init(kind: .file, mode: 0o640, output: 0, names: [[97]]),
                    content: .packed(offset: 0, length: 5)
                ),
                .init(node: .init(kind: .directory, mode: 0o700, output: 0, names: [[98]])),
                .init(node: .init(kind: .link, mode: 0, output: 0, names: [[98], [99]], target: Array("../a".utf8))),
                .init(node: .init(kind: .file, mode: 0o755, output: 0, names: [[100]]), content: .part(0)),
                .init(node: .init(kind: .absent, mode: 0, output: 1, names: [])),
            ]
        )
        result.madeParents = [2, 0]
        return result
    }

    private static var filledResult: CommandResult {
        var result = result
        result.filledDirectories = [0]
        return result
    }

    private static var sets: DependencySets {
        var sets = DependencySets()
        sets.add([Array("a.h".utf8), Array("b.h".utf8)])
        sets.add([])
        return sets
    }

    private static var record: FingerprintRecord {
        var record = FingerprintRecord()
        record.success = observation
        record.add(Observation(), from: [.init(id: 100, started: 5), .init(id: 1, started: 1)])
        return record
    }

    private static let all: [(name: String, bytes: [UInt8])] = [
        ("observation-1", ObservationFormat.encode(observation)),
        ("result-1", ResultFormat.encode(result)), ("result-2", ResultFormat.encode(filledResult)),
        ("dependencies-1", sets.encoded),
        ("fingerprint-1", record.encoded),
    ]

    /// Whether the reader of the format called `name` takes `bytes`.
    private func isAccepted(_ bytes: [UInt8], as name: String) -> Bool {
        switch name {
        case "observation-1": ObservationFormat.decode(bytes) != nil
        case "result-1", "result-2": ResultFormat.decode(bytes, outputs: 2) != nil
        case "dependencies-1": DependencySets(decoding: bytes) != nil
        default: FingerprintRecord(decoding: bytes) != nil
        }
    }

    @Test(arguments: ["observation-1", "result-1", "result-2", "dependencies-1", "fingerprint-1"])
    func `the bytes are those of the golden file`(name: String) throws {
        let bytes = try #require(Self.all.first { $0.name == name }).bytes
        let golden = try #require(Bundle.module.url(forResource: name, withExtension: "hex", subdirectory: "Fixtures"))
        let text = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        if ProcessInfo.processInfo.environment["LARDER_WRITE_GOLDEN"] != nil { print("GOLDEN \(name) \(text)") }
        #expect(try String(contentsOf: golden, encoding: .utf8).filter { !$0.isWhitespace } == text)
        #expect(isAccepted(bytes, as: name))
    }

    @Test(arguments: ["observation-1", "result-1", "result-2", "dependencies-1", "fingerprint-1"])
    func `what is cut off or too long or changed is no crash, and mostly nothing`(name: String) throws {
        let bytes = try #require(Self.all.first { $0.name == name }).bytes
        for length in 0..<bytes.count { #expect(!isAccepted(Array(bytes[..<length]), as: name), "\(length)") }
        #expect(!isAccepted(bytes + [0], as: name))
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                _ = isAccepted(damaged, as: name)
            }
            var huge = bytes
            for offset in 0..<4 where index + offset < huge.count { huge[index + offset] = 0xFF }
            _ = isAccepted(huge, as: name)
        }
        var other = bytes
        other[0] = 99
        #expect(!isAccepted(other, as: name), "another version")
    }

    @Test func `an observation comes back as it was`() throws {
        #expect(try #require(ObservationFormat.decode(ObservationFormat.encode(Self.observation))) == Self.observation)
    }

    @Test func `the namespace and key of a value have a form of their own`() throws {
        let settings = try Settings.load(flags: [.directory: Array("/nonexistent".utf8)]) { _ in nil }
        let values = try #require(KeyValues(Array("ci".utf8), settings: settings))
        #expect(values.name(Array("k\n".utf8)) == [1, 0, 0, 0, 2, 0, 0, 0, 99, 105, 2, 0, 0, 0, 107, 10])
        for name in ["", ".x", "a/b", "a b", "ä", String(repeating: "a", count: 65)] {
            #expect(KeyValues(Array(name.utf8), settings: settings) == nil)
        }
    }

    // MARK: - Names from an entry

    private func decode(_ nodes: [OutputTree.Node], outputs: Int = 1) -> Bool {
        var result = CommandResult(
            status: 0,
            made: 0,
            microseconds: 0,
            outcome: Digest.of([]),
            nodes: nodes.map {
                CommandResult.Node(node: $0, content: $0.kind == .file ? .packed(offset: 0, length: 0) : .none)
            }
        )
        result.madeParents = Array(repeating: 0, count: outputs)
        return ResultFormat.decode(ResultFormat.encode(result), outputs: outputs) != nil
    }

    private func node(_ kind: OutputTree.Node.Kind, _ names: String..., output: Int = 0) -> OutputTree.Node {
        .init(
            kind: kind,
            mode: 0,
            output: output,
            names: names.map { Array($0.utf8) },
            target: kind == .link ? [120] : []
        )
    }

    @Test(arguments: ["..", ".", "", "a/b", "/", "/etc/passwd", "a\0b", "../x"])
    func `a name that is more than a component is refused`(name: String) {
        #expect(decode([node(.directory), node(.file, "good")]))
        #expect(!decode([node(.directory), node(.file, name)]))
        #expect(!decode([node(.directory), node(.directory, name), node(.file, name, "a")]))
    }

    @Test func `nothing lies in what is no directory of this result`() {
        #expect(!decode([node(.file), node(.file, "a")]))
        #expect(!decode([node(.link), node(.file, "a")]))
        #expect(!decode([node(.absent), node(.file, "a")]))
        #expect(!decode([node(.directory), node(.link, "l"), node(.file, "l", "a")]))
        #expect(!decode([node(.directory), node(.file, "a", "b")]))
        #expect(!decode([node(.directory), node(.directory, "a"), node(.file, "b", "c")]))
        #expect(!decode([node(.directory), node(.absent, "a")]))
        #expect(decode([node(.directory), node(.directory, "a"), node(.file, "a", "b"), node(.file, "c")]))
    }

    @Test func `a result is for the outputs that are declared`() {
        #expect(!decode([node(.file)], outputs: 2))
        #expect(!decode([node(.file), node(.file, output: 1)], outputs: 1))
        #expect(!decode([node(.file), node(.file, output: 2)], outputs: 2))
        #expect(!decode([node(.file, output: 1), node(.file)], outputs: 2))
        #expect(!decode([node(.directory), node(.file, "a", output: 1)], outputs: 2))
        #expect(decode([node(.file), node(.directory, output: 1), node(.file, "x", output: 1)], outputs: 2))
    }

    @Test func `the sets of dependencies are the latest ones`() {
        var sets = DependencySets()
        for number in 0..<20 { sets.add([Array("\(number)".utf8)]) }
        sets.add([Array("10".utf8)])
        #expect(sets.sets.count == DependencySets.limit)
        #expect(sets.sets[0] == [Array("10".utf8)] && sets.sets[1] == [Array("19".utf8)])
    }

    @Test func `a mark belongs to the nearest check`() {
        func origin(_ ids: Int32...) -> [FingerprintRecord.Process] { ids.map { .init(id: $0, started: 1) } }
        let (a, b) = (Observation(), Self.observation)
        var record = FingerprintRecord()
        record.add(a, from: origin(10, 5, 1))
        record.add(b, from: origin(20, 5, 1))
        #expect(record.take(nearestTo: origin(11, 10, 5, 1)) == a, "a subshell of the script that checked")
        #expect(record.take(nearestTo: origin(20, 5, 1)) == b)
        #expect(record.take(nearestTo: origin(20, 5, 1)) == nil, "a check is taken once")
        record.add(a, from: origin(10, 5, 1))
        record.add(b, from: origin(20, 5, 1))
        #expect(record.take(nearestTo: origin(30, 5, 1)) == nil, "two are equally near")
        #expect(record.checks.isEmpty)
        record.add(a, from: origin(10, 5, 1))
        record.add(b, from: origin(10, 5, 1))
        #expect(record.checks.count == 1, "the same script checks again")
        record.add(a, from: origin(40, 41, 1))
        #expect(record.take(nearestTo: origin(9, 10, 5, 1)) == b)
    }
}
