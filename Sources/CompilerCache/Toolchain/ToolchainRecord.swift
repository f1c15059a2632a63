internal import Files
internal import LarderStore

/// Keeps what a ``ToolchainProbe`` found.
///
///     record ::= "toolchain 1" family wrapper assembler file* absent*     one line each, fields divided by TAB
///     file   ::= "file" path device inode size modified changed digest
///     absent ::= "absent" directory name
///
/// A path with a line break or a TAB in it is not recorded. History: 1, the first.
enum ToolchainRecord {
    /// The record of the command's compiler, brought up to date; probed where there is none.
    ///
    /// Nil when the compiler is none that we know.
    static func load(_ probe: ToolchainProbe, from store: EntryStore, isReadOnly: Bool) -> Toolchain? {
        guard let key = key(of: probe) else { return nil }
        let contents = KnownContent(in: store.directory, isReadOnly: isReadOnly)
        if case .hit(let parts) = store.value(for: key), let part = parts.first, let recorded = decode(part.bytes) {
            if let (current, isChanged) = refreshed(recorded, contents) {
                if isChanged, !isReadOnly { publish(current, key, store) }
                return current
            }
        }
        guard let found = probe.run(contents) else { return nil }
        if !isReadOnly { publish(found, key, store) }
        return found
    }

    private static func key(of probe: ToolchainProbe) -> EntryKey? {
        guard let status = FileStatus.of(probe.command.compiler) else { return nil }
        var key = KeyBuilder(domain: "toolchain-1")
        key.add("name", probe.command.name)
        key.add("compiler", probe.command.compiler.bytes)
        key.add("device", Int64(truncatingIfNeeded: status.identity.device))
        key.add("inode", Int64(truncatingIfNeeded: status.identity.inode))
        key.add("size", status.identity.size)
        key.add("modified", status.identity.modified)
        key.add("changed", status.identity.changed)
        key.add("language", Int64(probe.language.rawValue))
        if let front = probe.front { key.add("front", Int64(front.rawValue)) }
        for variable in probe.environment.keyed { key.add("variable", variable) }
        // pyenv picks a version for a directory.
        if probe.front != nil, let python = ProgramSearch.find(Word("python3")),
            EmscriptenInstallation.isShim(python)
        {
            key.add("directory", probe.command.directory.bytes)
        }
        // gcc takes the first assembler in PATH.
        if let assembler = ProgramSearch.find(Word("as")) { key.add("assembler", assembler.bytes) }
        return key.finish()
    }

    /// The record with new digests where files have changed; nil when one is gone or something has appeared.
    private static func refreshed(_ recorded: Toolchain, _ contents: KnownContent) -> (Toolchain, isChanged: Bool)? {
        var toolchain = recorded
        var isChanged = false
        var trust = IdentityTrust()
        for (index, file) in recorded.files.enumerated() {
            guard let status = FileStatus.of(Path(bytes: file.path)) else { return nil }
            if status.identity == file.identity, trust.provesContent(status.identity, at: Path(bytes: file.path)) {
                continue
            }
            guard let current = Toolchain.File(at: file.path, contents) else { return nil }
            toolchain.files[index] = current
            if current.identity != file.identity { isChanged = true }
            // Another program may load other libraries.
            if current.digest != file.digest { return nil }
        }
        for absent in recorded.absentFiles
        where FileStatus.ofLink(Path(bytes: absent.directory).appending(bytes: absent.name)) != nil { return nil }
        return (toolchain, isChanged)
    }

    private static func publish(_ toolchain: Toolchain, _ key: EntryKey, _ store: EntryStore) {
        guard let bytes = encode(toolchain) else { return }
        _ = try? store.publish(
            key,
            kind: EntryKind.toolchain.rawValue,
            parts: [NewPart("toolchain", .bytes(bytes), codec: .stored)]
        )
    }

    static func encode(_ toolchain: Toolchain) -> [UInt8]? {
        var lines = [
            "toolchain 1\t\(toolchain.family.rawValue)\t\(toolchain.isWrapper ? 1 : 0)\t\(toolchain.findsAssembler ? 1 : 0)"
        ]
        for file in toolchain.files {
            guard isPlain(file.path) else { return nil }
            let id = file.identity
            lines.append(
                "file\t\(String(decoding: file.path, as: UTF8.self))\t\(id.device)\t\(id.inode)\t\(id.size)\t\(id.modified)\t\(id.changed)\t\(file.digest.hex)"
            )
        }
        for absent in toolchain.absentFiles {
            guard isPlain(absent.directory), isPlain(absent.name) else { return nil }
            lines.append(
                "absent\t\(String(decoding: absent.directory, as: UTF8.self))\t\(String(decoding: absent.name, as: UTF8.self))"
            )
        }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func isPlain(_ path: Word) -> Bool { path.allSatisfy { $0 >= 32 && $0 < 127 } }

    static func decode(_ bytes: [UInt8]) -> Toolchain? {
        let lines = bytes.split(separator: 10).map { $0.split(separator: 9).map { Word($0) } }
        guard let head = lines.first, head.count == 4, head[0].equals("toolchain 1"),
            let family = number(head[1]).flatMap({ UInt8(exactly: $0) }).flatMap(Family.init(rawValue:))
        else { return nil }
        var toolchain = Toolchain(
            family: family,
            isWrapper: head[2] == [UInt8(ascii: "1")],
            files: [],
            absentFiles: [],
            findsAssembler: head[3] == [UInt8(ascii: "1")],
            digest: Digest.of([])
        )
        for line in lines.dropFirst() {
            if line.count == 8, line[0].equals("file"), let device = number(line[2]), let inode = number(line[3]),
                let size = number(line[4]), let modified = number(line[5]), let changed = number(line[6]),
                let digest = Digest(hex: String(decoding: line[7], as: UTF8.self))
            {
                let identity = FileIdentity(
                    device: UInt64(bitPattern: device),
                    inode: UInt64(bitPattern: inode),
                    size: size,
                    modified: modified,
                    changed: changed
                )
                toolchain.files.append(.init(path: line[1], identity: identity, digest: digest))
            } else if line.count == 3, line[0].equals("absent") {
                toolchain.absentFiles.append((line[1], line[2]))
            } else {
                return nil
            }
        }
        toolchain.digest = ToolchainProbe.digest(of: toolchain.files)
        return toolchain
    }

    private static func number(_ text: Word) -> Int64? { Int64(String(decoding: text, as: UTF8.self)) }
}
