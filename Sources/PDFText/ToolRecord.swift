internal import Files
internal import LarderStore

/// Keeps what a ``ToolProbe`` found, so that a hit starts no program.
///
///     record     ::= "pdf-tool 1" TAB version TAB digest LF dependency*
///     dependency ::= device TAB inode TAB size TAB modified TAB changed TAB path LF
///
/// Numbers are decimal, the digest has 64 hexadecimal digits. A path with a line break in it is not recorded. History: 1,
/// the first.
enum ToolRecord {
    private static let title = "pdf-tool 1"
    private static let part = "tool"

    /// The tool of that name: what is on record where nothing has changed since, else probed.
    static func load(_ name: Tool.Name, from store: EntryStore?, _ cancellation: Cancellation?) throws(PDFError) -> Tool
    {
        let path = try Tool.find(name)
        guard let store, let status = FileStatus.of(path) else {
            return ToolProbe(name: name, path: path, cancellation: cancellation).run()
        }
        let key = key(name, path, status.identity)
        if let bytes = store.value(for: key).bytes(of: part), let tool = decode(bytes, path), tool.isUnchanged {
            return tool
        }
        let tool = ToolProbe(name: name, path: path, cancellation: cancellation).run()
        if tool.digest != nil, let bytes = encode(tool) {
            _ = try? store.publish(
                key,
                kind: EntryKind.documentTool.rawValue,
                parts: [NewPart(part, .bytes(bytes), codec: .stored)]
            )
        }
        return tool
    }

    private static func key(_ name: Tool.Name, _ path: Path, _ identity: FileIdentity) -> EntryKey {
        var key = KeyBuilder(domain: "pdf-tool-record-1")
        key.add("name", name.rawValue)
        key.add("path", path.bytes)
        key.add(identity)
        for variable in Tool.loaderVariables { key.add("variable", Environment.value(variable) ?? []) }
        return key.finish()
    }

    static func encode(_ tool: Tool) -> [UInt8]? {
        guard let digest = tool.digest, let version = tool.version else { return nil }
        var bytes = Array("\(title)\t\(version)\t\(digest.hex)\n".utf8)
        for dependency in tool.dependencies {
            guard !dependency.path.bytes.contains(0x0A) else { return nil }
            let id = dependency.identity
            bytes += "\(id.device)\t\(id.inode)\t\(id.size)\t\(id.modified)\t\(id.changed)\t".utf8
            bytes += dependency.path.bytes + [0x0A]
        }
        return bytes
    }

    static func decode(_ bytes: [UInt8], _ path: Path) -> Tool? {
        guard bytes.count <= 1 << 20, bytes.last == 0x0A else { return nil }
        var lines = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst() else { return nil }
        let words = first.split(separator: 0x09, omittingEmptySubsequences: false)
        guard words.count == 3, words[0].elementsEqual(title.utf8), let digest = Digest(hexBytes: words[2]) else {
            return nil
        }
        var dependencies: [Tool.Dependency] = []
        for line in lines {
            let fields = line.split(separator: 0x09, maxSplits: 5, omittingEmptySubsequences: false)
            guard fields.count == 6, let device = UInt64(String(decoding: fields[0], as: UTF8.self)),
                let inode = UInt64(String(decoding: fields[1], as: UTF8.self)), let size = number(fields[2]),
                let modified = number(fields[3]), let changed = number(fields[4])
            else { return nil }
            let identity = FileIdentity(device: device, inode: inode, size: size, modified: modified, changed: changed)
            dependencies.append(.init(path: Path(bytes: fields[5]), identity: identity))
        }
        guard dependencies.first?.path == path else { return nil }
        let version = String(decoding: words[1], as: UTF8.self)
        return Tool(path: path, version: version, digest: digest, dependencies: dependencies)
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int64? { Int64(String(decoding: field, as: UTF8.self)) }
}

extension KeyBuilder {
    /// Adds everything that tells one state of a file from another.
    mutating func add(_ identity: FileIdentity) {
        add("device", Int64(truncatingIfNeeded: identity.device))
        add("inode", Int64(truncatingIfNeeded: identity.inode))
        add("size", identity.size)
        add("modified", identity.modified)
        add("changed", identity.changed)
    }
}
