internal import Files
internal import LarderStore

/// What a tool made, read once it had ended.
struct MadeOutputs {
    private(set) var tree: OutputTree
    private(set) var nodes: [CommandResult.Node] = []
    /// The bytes of all short files, in order.
    private(set) var packed: [UInt8] = []
    /// The long ones.
    private var long: [LongFile] = []
    /// Identifies all of it.
    private(set) var digest: Digest

    private final class LongFile {
        let file: Descriptor
        let size: Int
        init(_ file: consuming Descriptor, size: Int) {
            self.file = file
            self.size = size
        }
    }

    /// A longer file is a part of its own.
    private static let packedLength = 1 << 20

    /// Reads everything, and makes sure that nobody writes it any more.
    ///
    /// - Parameters:
    ///   - launched: when the tool was started, by the clock that stamps files.
    ///   - limit: how many bytes there may be in all.
    init(of places: [OutputPlace], since launched: Int64, limit: Int) throws(Refusal) {
        let paths = places.map(\.path)
        tree = try OutputTree(of: paths)
        // What is written from now on has another time than what was written so far.
        if let youngest = tree.nodes.compactMap(\.identity).max(by: { $0.changed < $1.changed }) {
            guard youngest.isStamped(since: launched) else { throw .clockBehind }
            if youngest.changed >= Clock.stamp {
                guard Clock.wait(untilStampPasses: youngest.changed) else { throw .clockBehind }
            }
        }
        var key = KeyBuilder(domain: "command-outputs-1")
        var rest = limit
        digest = Ingredient.nothing
        for node in tree.nodes {
            var item = CommandResult.Node(node: node)
            key.add("kind", Int64(node.kind.rawValue))
            key.add("mode", Int64(node.mode))
            for name in node.names { key.add("name", name) }
            key.add("target", node.target)
            if node.kind == .file {
                var path = paths[node.output]
                for name in node.names { path = path.appending(bytes: name) }
                try read(path, node, &item, &rest, &key)
            }
            nodes.append(item)
        }
        digest = key.finish().digest
    }

    private mutating func read(
        _ path: Path,
        _ node: OutputTree.Node,
        _ item: inout CommandResult.Node,
        _ rest: inout Int,
        _ key: inout KeyBuilder
    ) throws(Refusal) {
        do throws(SystemError) {
            let file = try Descriptor(readingItself: path)
            let status = try file.status()
            guard status.identity == node.identity, !file.isBeingWritten else {
                throw SystemError("read", at: path, code: 0)
            }
            rest -= status.size
            guard rest >= 0 else { throw SystemError("read", at: path, code: Self.tooLarge) }
            if status.size <= Self.packedLength {
                let bytes = try file.readAll(expected: status.size, limit: status.size + 1)
                guard bytes.count == status.size else { throw SystemError("read", at: path, code: 0) }
                item.content = .packed(offset: packed.count, length: bytes.count)
                packed += bytes
                key.add("content", Digest.of(bytes).bytes)
            } else {
                item.content = .part(long.count)
                key.add("content", try Digest.ofFile(file).bytes)
                long.append(LongFile(file, size: status.size))
            }
        } catch {
            throw error.code == Self.tooLarge ? .outputTooLarge : .outputChanged
        }
    }

    private static let tooLarge: Int32 = -1

    /// The parts of an entry that hold it.
    func parts(_ codec: Codec) -> [NewPart] {
        var parts: [NewPart] = []
        if !packed.isEmpty { parts.append(NewPart(ResultFormat.files, .bytes(packed), codec: codec)) }
        for (number, file) in long.enumerated() {
            let content = NewPart.Content.file(descriptor: file.file.raw, length: file.size)
            parts.append(NewPart(ResultFormat.file(number), content, codec: codec))
        }
        return parts
    }

    /// True when the outputs are what they were when they were read.
    func areUnchanged(at places: [OutputPlace]) -> Bool {
        guard let now = try? OutputTree(of: places.map(\.path)) else { return false }
        return now.nodes == tree.nodes
    }
}
